import { join } from 'node:path'

/** Processes that tests start and kill, with the folder of their sources. */
const folders = {
  'server-process': import.meta.dirname,
  'leased-process': import.meta.dirname,
  'engine-process': join(import.meta.dirname, '../../rollout/testing'),
} as const

/** The module of a process that tests start and kill: as a whole run of the tests built it, or as it is here. */
export function findProcess(name: keyof typeof folders): string {
  const built = process.env['FLOTILLA_TEST_PROCESSES']
  return built === undefined ? join(folders[name], `${name}.ts`) : join(built, `${name}.js`)
}
