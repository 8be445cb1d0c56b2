export const commandLine = {
  title: 'Sign in the command line',
  ask: (person: string) => `Let the flotilla command line on this machine sign in as ${person}?`,
  warning: 'Only if you have just run “flotilla login --browser” yourself.',
  allow: 'Sign it in',
  wrong: 'This address is not one that the command line opens. Run “flotilla login --browser” again.',
} as const
