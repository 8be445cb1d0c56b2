import type { ExplainAnswer } from '@flotilla/api'
import { type Application, asFlotillaError, FlotillaError } from '@flotilla/model'

/**
 * Explains a value of the named component; without a name, of the one component that has it. Errors: `input.invalid` when
 * there is no such component, or several have the value; and what the question itself gives.
 */
export async function explainComponents(
  { spec }: Application,
  asked: string | undefined,
  explain: (component: string) => Promise<ExplainAnswer>,
): Promise<ExplainAnswer> {
  const names = spec.components.map(({ name }) => name)
  const [only] = names
  const named = asked ?? (names.length === 1 ? only : undefined)
  if (named !== undefined) {
    if (!names.includes(named)) throw refusal(`There is no component ${named}`, names, named)
    return await explain(named)
  }
  const answers: ExplainAnswer[] = []
  for (const name of names) {
    const answer = await explain(name).catch((thrown: unknown) => {
      // it may be another component's: a component without a chart has no values, one with other objects not this field
      const { code } = asFlotillaError(thrown)
      if (code !== 'request.not_found' && code !== 'input.invalid') throw thrown
      return undefined
    })
    if (answer?.set === true) answers.push(answer)
  }
  const [answer, another] = answers
  if (answer === undefined) throw refusal('No component has this value', names)
  if (another !== undefined)
    throw refusal(
      'Several components have this value',
      answers.map(({ component }) => component),
    )
  return answer
}

const refusal = (message: string, names: readonly string[], value?: string): FlotillaError =>
  new FlotillaError('input.invalid', { message, field: 'component', value, remedy: `Name one of ${names.join(', ')}` })
