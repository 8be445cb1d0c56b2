import { z } from 'zod'

/** The first line of an asciicast v2. */
export const AsciicastHeader = z.object({
  version: z.literal(2),
  width: z.number().int(),
  height: z.number().int(),
  timestamp: z.number().int().describe('Seconds since the epoch'),
  title: z.string().describe('Who, and where'),
})
export type AsciicastHeader = z.infer<typeof AsciicastHeader>

/** Every further line: seconds since the beginning, what it is (shown, typed, resized, marked), and the text of it. */
export const AsciicastEvent = z.tuple([z.number(), z.enum(['o', 'i', 'r', 'm']), z.string()])
export type AsciicastEvent = z.infer<typeof AsciicastEvent>

export const AsciicastLine = z.union([AsciicastHeader, AsciicastEvent])
export type AsciicastLine = z.infer<typeof AsciicastLine>
