import { accounts } from './zh-cn/accounts.ts'
import { app } from './zh-cn/app.ts'
import { apps } from './zh-cn/apps.ts'
import { commandLine } from './zh-cn/command-line.ts'
import { audit } from './zh-cn/audit.ts'
import { editor } from './zh-cn/editor.ts'
import { empty } from './zh-cn/empty.ts'
import { errors } from './zh-cn/errors.ts'
import { fleet } from './zh-cn/fleet.ts'
import { history } from './zh-cn/history.ts'
import { joining } from './zh-cn/joining.ts'
import { keys } from './zh-cn/keys.ts'
import { kubectl } from './zh-cn/kubectl.ts'
import { logs } from './zh-cn/logs.ts'
import { members } from './zh-cn/members.ts'
import { moves } from './zh-cn/moves.ts'
import { palette } from './zh-cn/palette.ts'
import { password } from './zh-cn/password.ts'
import { people } from './zh-cn/people.ts'
import { projects } from './zh-cn/projects.ts'
import { providers } from './zh-cn/providers.ts'
import { quota } from './zh-cn/quota.ts'
import { recording } from './zh-cn/recording.ts'
import { releases } from './zh-cn/releases.ts'
import { resources } from './zh-cn/resources.ts'
import { roles } from './zh-cn/roles.ts'
import { rollouts } from './zh-cn/rollouts.ts'
import { runs } from './zh-cn/runs.ts'
import { sentence } from './zh-cn/sentence.ts'
import { shell } from './zh-cn/shell.ts'
import { signIn } from './zh-cn/sign-in.ts'
import { status } from './zh-cn/status.ts'
import { terminal } from './zh-cn/terminal.ts'
import { tokens } from './zh-cn/tokens.ts'
import { network } from './zh-cn/network.ts'
import { workspaces } from './zh-cn/workspaces.ts'
import type { Dictionary } from './en.ts'

export const zhCn: Dictionary = {
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
}
