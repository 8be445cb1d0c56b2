/** A path of the console to go on to after signing in; anything that could lead elsewhere is not one. */
export function ownPath(next: string | undefined): string {
  if (next === undefined || next.length > 2048) return '/'
  // a browser takes // and /\ for another host, and drops tabs and line ends on the way
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(next) || next.includes('\\')) return '/'
  const url = URL.parse(next, 'https://own.invalid')
  // of /.//x a browser makes //x
  return url?.origin === 'https://own.invalid' && /^\/(?!\/)/.test(url.pathname) ? next : '/'
}
