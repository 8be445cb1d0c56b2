import { z } from 'zod'

/** From the least to the most. */
export const ShellRecording = z
  .enum(['Never', 'Output', 'OutputAndInput'])
  .describe(
    'Whether shells are recorded: what they show, or what is typed as well, which holds passwords. What a place above asks for holds, too: the strictest counts',
  )
export type ShellRecording = z.infer<typeof ShellRecording>

export const ShellSettings = z.object({ record: ShellRecording.default('Never') })
export type ShellSettings = z.infer<typeof ShellSettings>

/** What counts where several places say something. */
export function strictestRecording(asked: readonly (ShellRecording | undefined)[]): ShellRecording {
  return ShellRecording.options.findLast((one) => asked.includes(one)) ?? 'Never'
}
