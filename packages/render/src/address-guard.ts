export interface AddressGuardOptions {
  /** `host`, `host:port` or `*.suffix` that the administrator lets through wherever they resolve to. */
  readonly allowedHosts?: readonly string[] | undefined
  /** Networks that are let through although they are refused by default. */
  readonly allowedCidrs?: readonly string[] | undefined
  /** More networks to refuse: the service and pod ranges of the host cluster. */
  readonly refusedCidrs?: readonly string[] | undefined
}

export interface PinnedAddress {
  readonly host: string
  readonly port: number
  /** Every address that the name had and that passed; a connection uses one of these and resolves no more. */
  readonly addresses: readonly { readonly address: string; readonly family: 4 | 6 }[]
}

/** Refuses addresses that a tenant must not make the server talk to (`address.refused`). */
export interface AddressGuard {
  /** Resolves once. `field` names the input in the error. */
  pin(url: string | URL, field: string, signal?: AbortSignal): Promise<PinnedAddress>
}
