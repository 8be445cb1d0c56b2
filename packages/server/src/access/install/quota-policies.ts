import { annotations, dividedPattern, quotaNamePattern } from '@flotilla/model'
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

/** Parts of one bound of the workspace, such as `requests.cpu=4 of 40`. */
const nameOf = (bound: string): string => `${bound}.split('=')[0]`
const freeOf = (bound: string): string => `${bound}.split('=')[1].split(' of ')[0]`
/** `4 are free of 40 (workspace retail)` */
const freeText = (bound: string, own = ''): string =>
  `${freeOf(bound)} + ' are free of ' + ${bound}.split(' of ')[1] + ${own}' (workspace ' + request.namespace.substring(3) + ')'`
const asksFor = (bound: string): string =>
  `'spec.quota.hard asks for ' + variables.hard[${nameOf(bound)}] + ' of ' + ${nameOf(bound)} + ', ' + `
const isMore = (a: string, b: string): string => `${a}.compareTo(${b}) > 0`
const wanted = `quantity(variables.hard[${nameOf('b')}])`
const former = `quantity(variables.before[${nameOf('b')}])`
const free = `quantity(${freeOf('b')})`

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
  {
    // two that are written at the same moment may both pass: then the controller gives to the older one only
    name: 'project-share',
    resources: ['projects'],
    operations: ['CREATE', 'UPDATE'],
    variables: [
      unchanged,
      { name: 'hard', expression: hardOf('object') },
      { name: 'before', expression: `request.operation == 'UPDATE' ? ${hardOf('oldObject')} : {}` },
      { name: 'free', expression: `namespaceObject.metadata.?annotations['${annotations.quotaFree}'].orValue('')` },
      { name: 'bounds', expression: "variables.free == '' ? [] : variables.free.split(',')" },
      { name: 'missing', expression: `variables.bounds.filter(b, !(${nameOf('b')} in variables.hard))` },
      { name: 'asked', expression: `variables.bounds.filter(b, ${nameOf('b')} in variables.hard)` },
      {
        name: 'fresh',
        expression: `variables.asked.filter(b, !(${nameOf('b')} in variables.before) && ${isMore(wanted, free)})`,
      },
      {
        name: 'grown',
        expression: `variables.asked.filter(b, ${nameOf('b')} in variables.before && ${isMore(wanted, former)} && ${isMore(wanted, `${former}.add(${free})`)})`,
      },
    ],
    validations: [
      {
        expression: 'variables.unchanged || variables.missing.size() == 0',
        messageExpression: `'spec.quota.hard names no share of ' + ${nameOf('variables.missing[0]')} + ', of which ' + ${freeText('variables.missing[0]')}`,
      },
      {
        expression: 'variables.unchanged || variables.fresh.size() == 0',
        messageExpression: `${asksFor('variables.fresh[0]')}${freeText('variables.fresh[0]')}`,
      },
      {
        expression: 'variables.unchanged || variables.grown.size() == 0',
        messageExpression: `${asksFor('variables.grown[0]')}${freeText('variables.grown[0]', `' beside its own ' + variables.before[${nameOf('variables.grown[0]')}] + `)}`,
      },
    ],
  },
  {
    name: 'workspace-quota',
    resources: ['workspaces'],
    operations: ['CREATE', 'UPDATE'],
    variables: [
      unchanged,
      { name: 'hard', expression: hardOf('object') },
      { name: 'before', expression: `request.operation == 'UPDATE' ? ${hardOf('oldObject')} : {}` },
      {
        name: 'given',
        expression: "request.operation == 'UPDATE' ? oldObject.?status.?quota.?allocated.orValue({}) : {}",
      },
      {
        name: 'short',
        expression: `variables.hard.map(k, k).filter(k, k in variables.given && ${isMore('quantity(variables.given[k])', 'quantity(variables.hard[k])')} && (!(k in variables.before) || ${isMore('quantity(variables.before[k])', 'quantity(variables.hard[k])')}))`,
      },
    ],
    validations: [
      ...amountRules('[variables.hard]'),
      {
        expression: 'variables.unchanged || variables.short.size() == 0',
        messageExpression:
          "'spec.quota.hard: ' + variables.hard[variables.short[0]] + ' of ' + variables.short[0] + ' is less than the ' + variables.given[variables.short[0]] + ' that its projects have; lower theirs first'",
      },
    ],
  },
]
