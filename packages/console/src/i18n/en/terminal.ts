export const terminal = {
  tab: (what: string) => `Shell · ${what}`,
  open: 'Connected, as you',
  connecting: 'Connecting…',
  waiting: (seconds: number) => `Connection lost; again in ${seconds} s`,
  lost: (message: string | undefined) =>
    message === undefined ? 'the connection was lost; connecting again' : `${message} Connecting again`,
  newShell: 'this is a new shell: what ran in the one before may have ended with it',
  ended: (code: number) => `The shell ended (exit code ${code}). Enter opens a new one`,
  refused: 'Not opened',
  again: 'Open again',
  another: 'Another shell in this pod',
  container: 'Container',
  shell: 'Shell',
  auto: 'bash or sh',
  screen: (pod: string) => `Terminal in ${pod}`,
  input: 'Terminal; Shift-Escape leaves it',
  forbidden: 'You may not open a shell here',
  administrators: 'An administrator of the project or the workspace',
  noShell: (container: string) =>
    container === '' ? 'This image has no shell' : `The image of ${container} has no shell`,
  noShellHint:
    'Neither bash nor sh is in it. Choose another container, or debug it from outside: kubectl debug -it POD --image=busybox --target=CONTAINER',
  noPod: 'There is no such container running',
  signedOut: 'You are signed out',
  signedOutHint: 'The session is over, or your account was disabled. Sign in and open it again.',
  notOpened: 'The shell was not opened',
  entry: 'Shell',
} as const
