/** What a process of agents is told. */
export interface AgentsMessage {
  readonly server: string
  readonly caFile: string
  readonly serverName: string
  readonly accountDir: string
  readonly apiServer: { readonly host: string; readonly port: number }
  readonly agents: readonly { readonly cluster: string; readonly tokenFile: string }[]
}

/** What it tells: each event of each agent's log. */
export interface AgentEvent {
  readonly at: number
  readonly cluster: string
  readonly event: string
  /** The system's code, where a tunnel did not come to be. */
  readonly code?: string | undefined
}
