import { endedPhases } from '@flotilla/model'
import type { Policy } from './admission-policies.ts'
import { goesAnyway, holds, sameBut } from './policy-words.ts'

const me = 'request.userInfo.username'
const platform = { name: 'platform', expression: holds('control', 'deliveries') }
const phase = "oldObject.?status.?phase.orValue('')"
/** Of the control of a run, before and after, where absent is empty. */
const control = (object: string, field: string, empty: string): string =>
  `${object}.spec.?control.?${field}.orValue(${empty})`
const before = (field: string, empty: string): string =>
  `request.operation == 'UPDATE' ? ${control('oldObject', field, empty)} : ${empty}`

/** Lists of what people ask of a run: each entry is asked once, by one person, and stands. */
const asked = ['retries', 'skips', 'resolutions'] as const

/** Who wrote, rejected, started, steered or approved something is who the request comes from, whatever it says. */
export const releasePolicies: readonly Policy[] = [
  {
    name: 'component-versions',
    resources: ['componentversions'],
    operations: ['CREATE'],
    validations: [
      {
        expression: holds('control', 'deliveries'),
        message: 'ComponentVersions are written by Flotilla only, when a Release is frozen; make a Release',
        reason: 'Forbidden',
      },
    ],
  },
  {
    name: 'release-author',
    resources: ['releases'],
    operations: ['CREATE', 'UPDATE'],
    variables: [
      platform,
      { name: 'before', expression: "request.operation == 'UPDATE' ? oldObject.spec.authors : []" },
      // to reject is not to write it
      { name: 'edited', expression: `request.operation == 'CREATE' || !(${sameBut('spec', ['rejected'])})` },
      {
        name: 'rejects',
        expression: "has(object.spec.rejected) && (request.operation == 'CREATE' || !has(oldObject.spec.rejected))",
      },
    ],
    validations: [
      {
        expression: `variables.platform || request.operation != 'CREATE' || object.spec.authors == [${me}]`,
        messageExpression: `'spec.authors of a new Release names who writes it, nobody else; write [' + ${me} + ']'`,
        message: 'spec.authors of a new Release names who writes it, nobody else',
        reason: 'Forbidden',
      },
      {
        expression: `variables.platform || request.operation == 'CREATE' || (variables.before.all(a, a in object.spec.authors) && object.spec.authors.all(a, a in variables.before || a == ${me}) && (!variables.edited || ${me} in object.spec.authors))`,
        messageExpression: `'spec.authors keeps everybody who is in it and takes in who changes the Release, nobody else; add ' + ${me} + ' where it is missing'`,
        message: 'spec.authors keeps everybody who is in it and takes in who changes the Release, nobody else',
        reason: 'Forbidden',
      },
      {
        expression: `variables.platform || !variables.rejects || object.spec.rejected.by == ${me}`,
        messageExpression: `'spec.rejected.by names who rejects it, nobody else; write ' + ${me}`,
        message: 'spec.rejected.by names who rejects it, nobody else',
        reason: 'Forbidden',
      },
    ],
  },
  {
    name: 'releases-in-use',
    resources: ['releases'],
    operations: ['DELETE'],
    variables: [platform],
    validations: [
      {
        expression: `!(${phase} in ['Rolling', 'Active']) || variables.platform || ${goesAnyway}`,
        messageExpression: `'The Release is ' + ${phase} + ': ' + (${phase} == 'Rolling' ? 'its Rollout has it in hand; abort that (spec.control.abort) or wait until it has ended, then delete it' : 'it is what runs; delete it when a later Release is Active in its place')`,
        message: 'The Release is in use; delete it when a later one is Active in its place',
        reason: 'Forbidden',
      },
    ],
  },
  {
    name: 'rollout-author',
    resources: ['rollouts'],
    operations: ['CREATE', 'UPDATE'],
    variables: [
      platform,
      { name: 'starts', expression: "request.operation == 'CREATE'" },
      { name: 'resumed', expression: control('object', 'resumed', '0') },
      { name: 'resumedBefore', expression: before('resumed', '0') },
      // `{}` stands for what is absent
      { name: 'paused', expression: control('object', 'paused', '{}') },
      { name: 'pausedBefore', expression: before('paused', '{}') },
      { name: 'abort', expression: control('object', 'abort', '{}') },
      { name: 'abortBefore', expression: before('abort', '{}') },
      ...asked.flatMap((field) => [
        { name: field, expression: control('object', field, '[]') },
        { name: `${field}Before`, expression: before(field, '[]') },
        { name: `${field}Ids`, expression: `variables.${field}Before.map(one, one.id)` },
      ]),
    ],
    validations: [
      {
        expression: `variables.platform || !variables.starts || object.spec.author == ${me}`,
        messageExpression: `'spec.author names who starts the Rollout, nobody else; write ' + ${me}`,
        message: 'spec.author names who starts the Rollout, nobody else',
        reason: 'Forbidden',
      },
      {
        expression: `variables.platform || !variables.starts || (variables.resumed == 0 && variables.abort == {} && ${asked.map((field) => `variables.${field}.size() == 0`).join(' && ')})`,
        message:
          'spec.control of a new Rollout is empty, or holds paused; ask for the rest when there is something to steer',
      },
      {
        expression: `variables.platform || variables.paused == variables.pausedBefore || variables.paused == {} || variables.paused.by == ${me}`,
        messageExpression: `'spec.control.paused.by names who pauses it, nobody else; write ' + ${me}`,
        message: 'spec.control.paused.by names who pauses it, nobody else',
        reason: 'Forbidden',
      },
      {
        expression: 'variables.platform || variables.abortBefore == {} || variables.abort == variables.abortBefore',
        message: 'spec.control.abort stays as it is: what was aborted goes on no more; start another Rollout',
      },
      {
        expression: `variables.platform || variables.abort == variables.abortBefore || variables.abort == {} || variables.abort.by == ${me}`,
        messageExpression: `'spec.control.abort.by names who aborts it, nobody else; write ' + ${me}`,
        message: 'spec.control.abort.by names who aborts it, nobody else',
        reason: 'Forbidden',
      },
      {
        expression:
          'variables.platform || variables.starts || variables.resumed == variables.resumedBefore || variables.resumed == variables.resumedBefore + 1',
        messageExpression:
          "'spec.control.resumed is raised by one, to go on once; write ' + string(variables.resumedBefore + 1)",
        message: 'spec.control.resumed is raised by one, to go on once',
      },
      ...asked.flatMap((field) => [
        {
          expression: `variables.platform || variables.${field}Before.all(one, one in variables.${field})`,
          message: `spec.control.${field} keeps every entry as it was asked for; read the Rollout again and add yours to the list`,
        },
        {
          expression: `variables.platform || variables.${field}.all(one, one in variables.${field}Before || (one.by == ${me} && !(one.id in variables.${field}Ids)))`,
          messageExpression: `'spec.control.${field}: a new entry has an id of its own, and its by names who asks for it, nobody else; write ' + ${me}`,
          message: `spec.control.${field}: a new entry has an id of its own, and its by names who asks for it, nobody else`,
          reason: 'Forbidden' as const,
        },
      ]),
    ],
  },
  {
    name: 'rollouts-in-progress',
    resources: ['rollouts'],
    operations: ['DELETE'],
    variables: [platform],
    validations: [
      {
        expression: `${phase} in ${JSON.stringify(endedPhases)} || variables.platform || ${goesAnyway}`,
        message:
          'The Rollout has not ended; abort it (spec.control.abort) or wait until status.phase says that it has, then delete it',
        reason: 'Forbidden',
      },
    ],
  },
  {
    name: 'approver',
    resources: ['approvals'],
    operations: ['CREATE'],
    validations: [
      {
        expression: `object.spec.approver == ${me}`,
        messageExpression: `'spec.approver names who writes the Approval, nobody else; write ' + ${me}`,
        message: 'spec.approver names who writes the Approval, nobody else',
        reason: 'Forbidden',
      },
      {
        expression: holds('approve', 'releases'),
        message:
          'An Approval is made by who may approve releases there (verb approve on releases): an administrator, operator or developer of the project',
        reason: 'Forbidden',
      },
    ],
  },
  {
    name: 'approval-withdrawn',
    resources: ['approvals'],
    operations: ['DELETE'],
    validations: [
      {
        expression: `oldObject.spec.approver == ${me} || ${holds('control', 'deliveries')} || ${holds('grant', 'memberships')} || ${goesAnyway}`,
        messageExpression:
          "'The Approval is taken back by who gave it (' + oldObject.spec.approver + ') or an administrator of the project; to say no, make an Approval with decision Rejected'",
        message: 'The Approval is taken back by who gave it, or by an administrator of the project',
        reason: 'Forbidden',
      },
    ],
  },
]
