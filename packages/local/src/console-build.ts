import { type EnsureOptions, ensureBuilt, type KeptBuild } from './kept-build.ts'

const consoleBuild: KeptBuild = {
  name: 'console',
  script: ['build', '--workspace', '@flotilla/console'],
  sources: [
    'packages/console/src',
    'packages/console/public',
    'packages/console/index.html',
    'packages/console/package.json',
    'packages/console/tsconfig.json',
    'packages/console/vite.config.ts',
    'packages/api/src',
    'packages/api/package.json',
    'packages/model/src',
    'packages/model/package.json',
  ],
  into: 'packages/console/dist',
}

/** Builds the console where what is there was not built from its present sources. */
export const ensureConsole = (options: EnsureOptions): Promise<void> => ensureBuilt(consoleBuild, options)
