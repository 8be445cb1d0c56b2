import { runProgram } from '../../../e2e/support/run-program.ts'

const own = 'github.com/argoproj/argo-cd/v3'
const engine = 'github.com/argoproj/argo-cd/gitops-engine'

/** Which versions a binary was built from, as Go wrote them into it; nothing where Go is not there to read them. */
export async function describeArgo(binary: string): Promise<Readonly<Record<string, string>>> {
  const { code, output } = await runProgram('go', ['version', '-m', binary])
  if (code !== 0) return {}
  const lines = output.split('\n').map((line) => line.trim().split('\t'))
  const versionOf = (module: string): string | undefined => {
    const at = lines.findIndex(([what, name]) => (what === 'dep' || what === 'mod') && name === module)
    const next = lines[at + 1]
    // the line after it names what stands in for it
    return at < 0 ? undefined : next?.[0] === '=>' ? next[2] : lines[at]?.[2]
  }
  const found = { 'Argo CD': versionOf(own), 'its gitops-engine': versionOf(engine) }
  return Object.fromEntries(Object.entries(found).flatMap(([name, one]) => (one === undefined ? [] : [[name, one]])))
}
