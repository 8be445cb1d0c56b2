import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { group, type KubeObject, workspaceNamespace } from '@flotilla/model'
import type { StepInHand } from '@flotilla/reconcile'
import { openTarget } from '../../../delivery/testing/open-target.ts'
import { openStepRunners, type StepPlace } from './open-step-runners.ts'
import { stepContext, stepInHand } from './step-scene.ts'

/** Leaves a line on the node, so that runs can be counted. */
export const record = (name: string, line = 'ran'): string => `echo ${line} >> /record/${name}`

/** A project on a real cluster whose target is to have three components, and what steps do there. */
export async function openStepTarget(secret: string) {
  const target = await openTarget({ podSecurity: 'privileged' })
  const { host, project } = target
  const key = { group, kind: 'Project', namespace: workspaceNamespace('retail'), name: project }
  const uid = (await host.get(key)).metadata.uid ?? ''
  const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-steps-'))
  const place: StepPlace = { kubeconfig: target.fleet.clusters['east']?.kubeconfig ?? '', dataDir, projectUid: uid }

  const podOf = (command: string, image = 'busybox:1.35') => ({
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    volumes: [{ name: 'record', hostPath: { path: `/var/log/hooks/${project}`, type: 'DirectoryOrCreate' } }],
    containers: [
      {
        name: 'main',
        image,
        command: ['sh', '-c', command],
        volumeMounts: [{ name: 'record', mountPath: '/record' }],
        resources: { requests: { cpu: '1m' } },
      },
    ],
  })
  const job = (name: string, command: string, more: object = {}, image?: string) => ({
    name,
    job: { template: { spec: podOf(command, image) }, ...more },
  })
  const hook = (name: string, weight: number, command: string) => ({
    name,
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: project }, spec: podOf(command) },
    events: ['test'],
    weight,
    deletePolicies: ['hook-succeeded'],
  })
  const want = await storeSets(place, secret, {
    web: [hook('second', 5, record('tests', 'second')), hook('first', 1, record('tests', 'first'))],
    ill: [hook('ill', 0, `echo ${secret}; exit 4`)],
    bare: [],
  })
  const listOf = async (kindGroup: string, kind: string, step: string): Promise<readonly KubeObject[]> => {
    const options = { namespace: project, labelSelector: `flotilla.dev/step=${step}` }
    return (await target.member().list({ group: kindGroup, version: 'v1', kind }, options)).items
  }

  return {
    target,
    place,
    context: (rollout: string) => stepContext(rollout, { project: { name: project, uid, scope: 'Namespaced' } }),
    inPlace: (given: Parameters<typeof stepInHand>[0], attempt = 1): StepInHand => {
      const step = stepInHand(given, { attempt, namespace: project })
      return { ...step, place: { ...step.place, want } }
    },
    job,
    migration: (name: string, command: string, more: object = {}) =>
      job(name, command, { migration: { reversible: true, idempotent: false, ...more } }),
    runs: async (name: string): Promise<string[]> => {
      const text = await readFile(`${target.hooksFolder}/${project}/${name}`, 'utf8').catch(() => '')
      return text === '' ? [] : text.trim().split('\n')
    },
    jobsOf: (step: string) => listOf('batch', 'Job', step),
    podsOf: (step: string) => listOf('', 'Pod', step),
    close: async () => {
      await target.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

type Hook = Parameters<Awaited<ReturnType<typeof openStepRunners>>['sets']['put']>[0]['hooks'][number]

async function storeSets(place: StepPlace, secret: string, components: Readonly<Record<string, Hook[]>>) {
  const { sets, close } = await openStepRunners(place)
  try {
    const wanted = Object.entries(components).map(async ([name, hooks]) => ({
      name,
      digest: await sets.put({ component: name, crds: [], objects: [], hooks, notes: '', secrets: [secret] }),
      images: ['busybox:1.35'],
      ownOverrides: 0,
      hookTimeoutSeconds: 300,
    }))
    return { digest: 'd', components: await Promise.all(wanted) }
  } finally {
    await close()
  }
}

export type StepTarget = Awaited<ReturnType<typeof openStepTarget>>
