import { dividedPattern, quotaNamePattern } from '@flotilla/model'
import type { Policy, Validation } from './admission-policies.ts'

const hardOf = (object: string): string => `${object}.spec.?quota.?hard.orValue({})`

/** What holds for amounts wherever they are; `maps` is a list of them in CEL. */
const amountRules = (maps: string): readonly Validation[] => [
  {
    expression: `variables.unchanged || ${maps}.all(m, m.all(k, k.matches(r'${quotaNamePattern}')))`,
    message:
      'quota.hard names what a ResourceQuota limits, each under one name: requests.cpu, requests.memory, limits.cpu, limits.memory, requests.storage, pods, services.loadbalancers, count/jobs.batch ...',
  },
  {
    expression: `variables.unchanged || ${maps}.all(m, m.all(k, k.matches(r'${dividedPattern}') || quantity(m[k]).isInteger()))`,
    message: 'quota.hard counts pods and other objects in whole numbers',
  },
]

const unchanged = { name: 'unchanged', expression: "request.operation == 'UPDATE' && object.spec == oldObject.spec" }
/** For each container resource: what is in the one is not above what is in the other. */
const inOrder = (lower: string, upper: string): string =>
  `['cpu', 'memory', 'ephemeral-storage'].all(r, !(r in variables.${lower}) || !(r in variables.${upper}) || quantity(variables.${lower}[r]).compareTo(quantity(variables.${upper}[r])) <= 0)`

/** Quotas and limits as they may be written, whoever writes them. */
export const quotaPolicies: readonly Policy[] = [
  {
    name: 'project-quota',
    resources: ['projects'],
    operations: ['CREATE', 'UPDATE'],
    variables: [
      unchanged,
      { name: 'hard', expression: hardOf('object') },
      { name: 'explicit', expression: 'object.spec.targets.filter(t, has(t.quota)).map(t, t.quota.hard)' },
      { name: 'max', expression: 'object.spec.?limits.?max.orValue({})' },
      { name: 'usual', expression: 'object.spec.?limits[?"default"].orValue({})' },
      { name: 'requests', expression: 'object.spec.?limits.?defaultRequest.orValue({})' },
    ],
    validations: [
      ...amountRules('([variables.hard] + variables.explicit)'),
      {
        expression:
          'variables.unchanged || variables.explicit.all(m, m.all(k, !(k in variables.hard) || quantity(m[k]).compareTo(quantity(variables.hard[k])) <= 0))',
        message: 'spec.targets[].quota.hard must not be above spec.quota.hard, of which it is a part',
      },
      {
        expression: `variables.unchanged || (${inOrder('requests', 'usual')} && ${inOrder('usual', 'max')} && ${inOrder('requests', 'max')})`,
        message: 'spec.limits: defaultRequest must not be above default, nor default above max',
      },
    ],
  },
]
