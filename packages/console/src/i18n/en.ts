import { app } from './en/app.ts'
import { apps } from './en/apps.ts'
import { editor } from './en/editor.ts'
import { empty } from './en/empty.ts'
import { errors } from './en/errors.ts'
import { fleet } from './en/fleet.ts'
import { history } from './en/history.ts'
import { keys } from './en/keys.ts'
import { logs } from './en/logs.ts'
import { palette } from './en/palette.ts'
import { password } from './en/password.ts'
import { sentence } from './en/sentence.ts'
import { shell } from './en/shell.ts'
import { signIn } from './en/sign-in.ts'
import { status } from './en/status.ts'
import type { Widen } from './widen.ts'

export const en = {
  app,
  apps,
  editor,
  empty,
  errors,
  fleet,
  history,
  keys,
  logs,
  palette,
  password,
  sentence,
  shell,
  signIn,
  status,
} as const

/** Every word of the screens; a language that lacks one does not compile. */
export type Dictionary = Widen<typeof en>
