export const password = {
  title: 'Choose a password of your own',
  lead: 'You signed in with one that was given to you.',
  current: 'Current password',
  next: 'New password',
  nextHint: 'At least 12 characters',
  again: 'New password again',
  differ: 'The two are not the same',
  short: 'At least 12 characters are needed',
  submit: 'Change password',
} as const
