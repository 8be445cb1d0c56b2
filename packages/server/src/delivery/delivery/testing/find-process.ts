import { join } from 'node:path'

/** The module of a process that tests start and kill: as a whole run of the tests built it, or as it is here. */
export function findProcess(name: 'server-process' | 'leased-process'): string {
  const built = process.env['FLOTILLA_TEST_PROCESSES']
  return built === undefined ? join(import.meta.dirname, `${name}.ts`) : join(built, `${name}.js`)
}
