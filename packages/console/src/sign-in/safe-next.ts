/** Where to go after signing in: a path of this console only, never another origin. */
export function safeNext(next: string | null): string {
  if (next === null || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/apps'
  return next.startsWith('/sign-in') || next.startsWith('/password') ? '/apps' : next
}
