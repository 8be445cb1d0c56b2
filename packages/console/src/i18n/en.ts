import { accounts } from './en/accounts.ts'
import { app } from './en/app.ts'
import { apps } from './en/apps.ts'
import { commandLine } from './en/command-line.ts'
import { audit } from './en/audit.ts'
import { editor } from './en/editor.ts'
import { empty } from './en/empty.ts'
import { errors } from './en/errors.ts'
import { fleet } from './en/fleet.ts'
import { history } from './en/history.ts'
import { joining } from './en/joining.ts'
import { keys } from './en/keys.ts'
import { kubectl } from './en/kubectl.ts'
import { logs } from './en/logs.ts'
import { members } from './en/members.ts'
import { moves } from './en/moves.ts'
import { palette } from './en/palette.ts'
import { password } from './en/password.ts'
import { people } from './en/people.ts'
import { projects } from './en/projects.ts'
import { providers } from './en/providers.ts'
import { quota } from './en/quota.ts'
import { recording } from './en/recording.ts'
import { releases } from './en/releases.ts'
import { resources } from './en/resources.ts'
import { roles } from './en/roles.ts'
import { rollouts } from './en/rollouts.ts'
import { runs } from './en/runs.ts'
import { sentence } from './en/sentence.ts'
import { shell } from './en/shell.ts'
import { signIn } from './en/sign-in.ts'
import { status } from './en/status.ts'
import { terminal } from './en/terminal.ts'
import { tokens } from './en/tokens.ts'
import { network } from './en/network.ts'
import { workspaces } from './en/workspaces.ts'
import type { Widen } from './widen.ts'

export const en = {
  accounts,
  app,
  apps,
  commandLine,
  audit,
  editor,
  empty,
  errors,
  fleet,
  history,
  joining,
  keys,
  kubectl,
  logs,
  members,
  moves,
  palette,
  password,
  people,
  projects,
  providers,
  quota,
  recording,
  releases,
  resources,
  roles,
  rollouts,
  runs,
  sentence,
  shell,
  signIn,
  status,
  terminal,
  tokens,
  network,
  workspaces,
} as const

/** Every word of the screens; a language that lacks one does not compile. */
export type Dictionary = Widen<typeof en>
