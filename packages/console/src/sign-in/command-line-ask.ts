export interface CommandLineAsk {
  readonly port: number
  readonly challenge: string
}

/** What a command line asks for, of the address; undefined when it is not of that form. The code goes to loopback only. */
export function commandLineAsk(search: URLSearchParams): CommandLineAsk | undefined {
  const challenge = search.get('challenge') ?? ''
  const port = search.get('port') ?? ''
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge) || !/^[1-9][0-9]{3,4}$/.test(port)) return undefined
  return Number(port) < 65_536 ? { port: Number(port), challenge } : undefined
}
