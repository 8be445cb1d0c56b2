import type { AgentEvent, AgentsMessage } from './agents-message.ts'
import { runTunnels } from '../../packages/agent/src/agent.ts'

/** Runs many agents in one process until it is told to end; started by bench/agents.ts. */
const ending = new AbortController()
process.once('disconnect', () => process.exit(0))
const tell = (event: AgentEvent): void => void process.send?.(event)

// only bench/agents.ts speaks to it
process.on('message', (message: AgentsMessage) => {
  const { server, caFile, serverName, accountDir, apiServer, agents } = message
  for (const { cluster, tokenFile } of agents)
    void runTunnels(
      {
        server: new URL(server),
        serverName,
        cluster,
        tokenFile,
        caFile,
        accountDir,
        apiServer,
        tokenSecret: undefined,
        healthPort: undefined,
      },
      {
        log: (_level, event, { code } = {}) =>
          tell({ at: Date.now(), cluster, event, code: typeof code === 'string' ? code : undefined }),
        env: {},
        version: 'bench',
        signal: ending.signal,
      },
    )
})
