import type { Duplex } from 'node:stream'

/** How this process proves who it is to a cluster. Tokens come from a function, so that renewed ones are picked up. */
export type ClusterAuth =
  | { readonly kind: 'certificate'; readonly certPem: string; readonly keyPem: string }
  | {
      readonly kind: 'token'
      /** Called before each request; called again after a 401, when a changed token is tried once. */
      readonly token: () => string | Promise<string>
    }
  | { readonly kind: 'anonymous' }

export interface DialTarget {
  readonly host: string
  readonly port: number
  readonly signal: AbortSignal
  readonly purpose: Purpose
}

/** What a connection is for: `interactive` waits for the keys of a person, and is never to stand behind a bulk copy. */
export type Purpose = 'interactive' | 'bulk'

/** Opens a raw byte stream to the API server, for instance through an agent's tunnel. TLS is laid over it end to end. */
export type Connect = (target: DialTarget) => Promise<Duplex>

/** All that is needed to reach one cluster's API server. Holds no file path and runs no program. */
export interface ClusterConnection {
  /** `https://host:port`, with an optional path prefix; `http://` only where a person opted in. */
  readonly server: string
  /** Authorities that may have signed the server's certificate; the system's when left out. */
  readonly caPem?: string | undefined
  /** Name to ask for and to verify, when it is not the host of `server`. */
  readonly tlsServerName?: string | undefined
  /** Only after an explicit opt-in: the server's certificate is not verified. */
  readonly insecureSkipTlsVerify?: boolean | undefined
  readonly auth: ClusterAuth
  /** Takes the place of TCP; the agent's tunnel plugs in here. */
  readonly connect?: Connect | undefined
  /** Refuses an address after the name was resolved (`address.refused`); the accepted address is the one dialled. */
  readonly allowAddress?: ((address: string) => boolean | Promise<boolean>) | undefined
}
