export const signIn = {
  title: 'Sign in to Flotilla',
  name: 'Name',
  password: 'Password',
  submit: 'Sign in',
  missing: 'Fill in this field',
  expired: 'Your session has ended. Sign in again to go on where you were.',
  refused: 'Name or password is not right.',
  locked: 'Too many tries. Wait a moment, then try again.',
  unreachable: 'The server does not answer. Check that it runs and that this machine can reach it.',
} as const
