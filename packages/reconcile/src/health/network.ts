import type { Health, KubeObject } from '@flotilla/model'
import { health, healthy } from './conditions.ts'
import { readList, readText } from './read-field.ts'

export function serviceHealth(object: KubeObject): Health {
  if (readText(object, 'spec', 'type') !== 'LoadBalancer') return healthy
  if (readList(object, 'status', 'loadBalancer', 'ingress').length > 0) return healthy
  // addresses given by hand are served without a load balancer's answer
  if (readList(object, 'spec', 'externalIPs').length > 0) return healthy
  return health('Progressing', 'waits for an address from the load balancer')
}

/** Not every ingress controller writes an address, so a missing one says nothing (kstatus, "Current"). */
export function ingressHealth(_object: KubeObject): Health {
  return healthy
}
