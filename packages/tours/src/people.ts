import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Stage } from './stage.ts'
import { remove } from './steps.ts'
import type { Story } from './story.ts'

/** Somebody at a machine of their own, with a sign-in and a kubeconfig of their own. */
export interface Person {
  readonly name: string
  readonly env: NodeJS.ProcessEnv
}

export function personOf({ scratch }: Stage, name: string): Person {
  const home = path.join(scratch, name)
  return {
    name,
    env: {
      HOME: home,
      FLOTILLA_CONFIG: path.join(home, 'cli.json'),
      KUBECONFIG: path.join(home, 'kubeconfig'),
      // the tour's own administrator is not to speak for them
      FLOTILLA_SERVER: undefined,
      FLOTILLA_TOKEN: undefined,
    },
  }
}

/** Is removed again at the end. */
export async function addPerson(story: Story, stage: Stage, { name, env }: Person): Promise<void> {
  await mkdir(env['HOME'] ?? '')
  story.cleanUp(name, () => remove(story, stage, ['user', name]))
  await story.demand(`${name} is there`, story.run(stage.flotilla, ['people', 'add', name], { quiet: true }))
}

export async function signIn(story: Story, stage: Stage, person: Person): Promise<void> {
  const password = randomBytes(12).toString('base64url')
  const given = await story.run(stage.flotilla, ['people', 'password', person.name, '--password-stdin'], {
    quiet: true,
    input: password,
  })
  story.expect(given.code === 0, `${person.name} has a password`, () => given.output)
  const args = ['login', stage.url, '-u', person.name, '--password-stdin']
  const { code, output } = await story.run(stage.flotilla, args, { quiet: true, as: person, input: password })
  story.expect(code === 0, `${person.name} signed in`, () => output)
}
