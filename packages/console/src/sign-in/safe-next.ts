/** Where to go after signing in: a path of this console only, never another origin. */
export function safeNext(next: string | null): string {
  // a browser takes // and /\ for another host, drops tabs and line ends on the way, and makes // of /.//
  if (next === null || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next)) return '/apps'
  if (URL.parse(next, 'https://own.invalid')?.pathname.startsWith('//') !== false) return '/apps'
  return next.startsWith('/sign-in') || next.startsWith('/password') ? '/apps' : next
}
