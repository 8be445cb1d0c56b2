import { type Health, type KubeObject, parseApiVersion } from '@flotilla/model'
import { cronJobHealth, jobHealth } from './batch.ts'
import { health } from './conditions.ts'
import { genericHealth } from './generic.ts'
import { ingressHealth, serviceHealth } from './network.ts'
import { apiServiceHealth, crdHealth, namespaceHealth } from './platform.ts'
import { podHealth } from './pod.ts'
import { readNumber } from './read-field.ts'
import { autoscalerHealth, disruptionBudgetHealth } from './scaling.ts'
import { claimHealth, volumeHealth } from './storage.ts'
import { daemonSetHealth, deploymentHealth, replicaSetHealth, statefulSetHealth } from './workloads.ts'

type HealthRule = (object: KubeObject) => Health

/** One rule per kind, by `group/kind`. A kind that is not here is judged by its conditions. */
const rules: ReadonlyMap<string, HealthRule> = new Map([
  ['apps/Deployment', deploymentHealth],
  ['apps/StatefulSet', statefulSetHealth],
  ['apps/DaemonSet', daemonSetHealth],
  ['apps/ReplicaSet', replicaSetHealth],
  ['/ReplicationController', replicaSetHealth],
  ['/Pod', podHealth],
  ['batch/Job', jobHealth],
  ['batch/CronJob', cronJobHealth],
  ['/Service', serviceHealth],
  ['networking.k8s.io/Ingress', ingressHealth],
  ['/PersistentVolumeClaim', claimHealth],
  ['/PersistentVolume', volumeHealth],
  ['autoscaling/HorizontalPodAutoscaler', autoscalerHealth],
  ['policy/PodDisruptionBudget', disruptionBudgetHealth],
  ['apiextensions.k8s.io/CustomResourceDefinition', crdHealth],
  ['apiregistration.k8s.io/APIService', apiServiceHealth],
  ['/Namespace', namespaceHealth],
])

/** Health of one live object by itself; `explainByPods` says more about a workload. Never throws on what it is given. */
export function computeHealth(object: KubeObject): Health {
  if (object.metadata.deletionTimestamp !== undefined) return health('Progressing', 'is being deleted')
  const observed = readNumber(object, 'status', 'observedGeneration')
  if (observed !== undefined && (object.metadata.generation ?? 0) > observed) {
    return health('Progressing', 'its controller has not seen the last change yet')
  }
  const rule = rules.get(`${parseApiVersion(object.apiVersion).group}/${object.kind}`) ?? genericHealth
  return rule(object)
}
