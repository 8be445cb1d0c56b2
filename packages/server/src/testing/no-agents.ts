import { createAgentTunnels } from '../fleet/agents/agent-tunnels.ts'
import { silentLog } from '@flotilla/engine'
import { systemClock } from '@flotilla/kube'

/** For a fleet whose members are all reached directly. */
export const noAgents = createAgentTunnels({ clock: systemClock, log: silentLog, port: 443 })
