import type { PlanRow } from '@flotilla/api'
import { type ClusterChoice, kindOfStep, type Plan, type Stage, type Step } from '@flotilla/model'
import { projectOfNamespace } from '../views/application-view.ts'

export function planRow({ metadata, spec }: Plan): PlanRow {
  return {
    project: projectOfNamespace(metadata.namespace ?? '') ?? '',
    name: metadata.name,
    description: spec.description,
    stages: spec.stages.map((stage) => ({
      name: stage.name,
      where: placeText(stage.targets),
      steps: stepsOf(stage),
      maxConcurrency: stage.maxConcurrency,
      soakSeconds: stage.soakSeconds,
      onFailure: stage.onFailure,
    })),
    createdAt: metadata.creationTimestamp ?? '',
  }
}

function stepsOf({ before, after, each }: Stage): PlanRow['stages'][number]['steps'] {
  const of = (steps: readonly Step[] | undefined, at: string) =>
    (steps ?? []).map((step) => ({
      name: step.name,
      type: kindOfStep(step),
      at,
      reversible: step.job?.migration?.reversible,
    }))
  return [
    ...of(before, 'before'),
    ...of(each?.before, 'each.before'),
    ...of(each?.after, 'each.after'),
    ...of(after, 'after'),
  ]
}

function placeText({ clusters, environments }: Stage['targets']): string {
  const parts = [...(environments ?? []), ...clusterTexts(clusters)]
  return parts.length === 0 ? 'all that are left' : parts.join(', ')
}

function clusterTexts(choice: ClusterChoice | undefined): string[] {
  const labels = Object.entries(choice?.selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  const expressions = (choice?.selector?.matchExpressions ?? []).map(({ key, operator, values }) =>
    [key, operator, values?.join('|')].filter(Boolean).join(' '),
  )
  return [...(choice?.names ?? []), ...labels, ...expressions]
}
