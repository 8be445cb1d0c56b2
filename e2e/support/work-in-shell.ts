import type { KubectlPerson } from './kubectl-person.ts'
import { until } from './prepare-project.ts'

/** Opens a shell of busybox in a terminal, has it compute something, and leaves it with a code. */
export async function workInShell(
  person: KubectlPerson,
  pod: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly text: string; readonly code: number | null }> {
  const shell = person.startInTerminal(env, 'flotilla-east', 'exec', '-it', pod, '--', 'sh')
  let over = false
  void shell.ended.then(() => (over = true))
  shell.child.stdin.on('error', () => undefined)
  const shows = (text: RegExp) => until(async () => over || text.test(shell.text()), 30_000, 100)
  await shows(/[#$] /)
  shell.child.stdin.write('echo marked-$((40+2))\r')
  await shows(/marked-42/)
  shell.child.stdin.write('exit 3\r')
  const { code } = await shell.ended
  return { text: shell.text(), code }
}
