import type { People } from '../../access/people.ts'
import type { Handlers, Services } from '../handler.ts'
import type { DocumentReader } from '../yaml/document-reader.ts'
import { agentHandlers } from './agent-handlers.ts'
import { applicationHandlers } from './application-handlers.ts'
import { applicationRuntimeHandlers } from './runtime-handlers.ts'
import { auditHandlers } from './audit-handlers.ts'
import { documentHandlers } from './document-handlers.ts'
import { fleetHandlers } from './fleet-handlers.ts'
import { historyHandlers } from './history-handlers.ts'
import type { KubeTokens } from '../kubernetes/kube-token.ts'
import { kubernetesHandlers } from './kubernetes-handlers.ts'
import { moveHandlers } from './move-handlers.ts'
import { peopleHandlers } from './people-handlers.ts'
import { providerHandlers } from './provider-handlers.ts'
import { serviceAccountHandlers } from './service-account-handlers.ts'
import { releaseHandlers } from './release-handlers.ts'
import { resourceHandlers } from './resource-handlers.ts'
import { roleHandlers } from './role-handlers.ts'
import { rolloutControlHandlers } from './rollout-control-handlers.ts'
import { rolloutHandlers } from './rollout-handlers.ts'
import { sessionHandlers } from './session-handlers.ts'
import { tokenHandlers } from './token-handlers.ts'

export function createHandlers(
  services: Services,
  people: People,
  documents: DocumentReader,
  tokens: KubeTokens,
): Handlers {
  return {
    ...sessionHandlers(services, people),
    ...providerHandlers(services, people),
    ...tokenHandlers(services, people),
    ...serviceAccountHandlers(services),
    ...peopleHandlers(services, people),
    ...roleHandlers(services),
    ...fleetHandlers(services, documents),
    ...agentHandlers(services),
    ...documentHandlers(services, documents),
    ...applicationHandlers(services, documents),
    ...applicationRuntimeHandlers(services),
    ...releaseHandlers(services, people),
    ...rolloutHandlers(services),
    ...rolloutControlHandlers(services),
    ...historyHandlers(services),
    ...moveHandlers(services),
    ...resourceHandlers(services),
    ...kubernetesHandlers(services, tokens),
    ...auditHandlers(services),
  }
}
