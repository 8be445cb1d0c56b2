import path from 'node:path'
import { type EnsureOptions, ensureBuilt, type KeptBuild } from './kept-build.ts'
import { projectRoot } from './paths.ts'

/** All but the console, which is built by itself. */
const packages = [
  'agent',
  'api',
  'cli',
  'engine',
  'kube',
  'local',
  'model',
  'reconcile',
  'render',
  'server',
  'tours',
  'tunnel',
]

const programBuild: KeptBuild = {
  name: 'program',
  script: ['build'],
  sources: [
    'bin/main.ts',
    'scripts/build-program.ts',
    ...packages.flatMap((name) => [`packages/${name}/src`, `packages/${name}/package.json`]),
  ],
  into: 'packages/server/dist',
}

const testProcessesBuild: KeptBuild = {
  ...programBuild,
  name: 'test-processes',
  script: ['build', '--', '--testing'],
  into: 'packages/server/dist-testing',
}

const agentBuild: KeptBuild = {
  name: 'agent',
  script: ['build', '--', '--agent'],
  sources: [
    'scripts/build-program.ts',
    'packages/agent/src',
    'packages/agent/package.json',
    'packages/tunnel/src',
    'packages/tunnel/package.json',
  ],
  into: 'packages/agent/dist',
}

/** The folder of the agent in few modules, and nothing of the rest. */
export async function ensureAgent(options: EnsureOptions): Promise<string> {
  await ensureBuilt(agentBuild, options)
  return path.join(projectRoot, agentBuild.into)
}

/**
 * The file for Node that is `flotilla` in few modules, built where what is there was not built from its present sources.
 * It starts in a third of the time that bin/main.ts takes. Who started this process may have made sure of one before.
 */
export async function ensureProgram(options: EnsureOptions): Promise<string> {
  const given = process.env['FLOTILLA_PROGRAM'] ?? ''
  if (given !== '') return given
  await ensureBuilt(programBuild, options)
  return path.join(projectRoot, programBuild.into, 'main.js')
}

/** The folder of the processes that tests start and kill (packages/server/src/delivery/delivery/testing), built in the same way. */
export async function ensureTestProcesses(options: EnsureOptions): Promise<string> {
  await ensureBuilt(testProcessesBuild, options)
  return path.join(projectRoot, testProcessesBuild.into)
}
