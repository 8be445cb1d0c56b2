export const kubectl = {
  open: 'kubectl…',
  title: 'kubectl, helm and k9s',
  lead: 'Every cluster that you reach, with your own rights, through this server. The file holds no token.',
  once: 'Sign in once',
  write: 'Write the contexts',
  writeOne: (cluster: string) => `Write the context of ${cluster}`,
  use: 'Then use it',
} as const
