import { endedMovePhases } from '@flotilla/model'
import type { Policy } from './admission-policies.ts'
import { goesAnyway, holds } from './policy-words.ts'

const me = 'request.userInfo.username'
const platform = { name: 'platform', expression: holds('control', 'deliveries') }
/** What people ask of a move, each once: that it stays is a rule of the kind. */
const asked = ['confirmedTraffic', 'undo', 'abort'] as const
/** Fields of an Application by which a move does its work. */
const ofMoves = ['placement', 'standby'] as const

export const movePolicies: readonly Policy[] = [
  {
    name: 'move-author',
    resources: ['moves'],
    operations: ['CREATE', 'UPDATE'],
    variables: [
      platform,
      { name: 'starts', expression: "request.operation == 'CREATE'" },
      ...asked.flatMap((field) => [
        { name: field, expression: `object.spec.?control.?${field}.orValue({})` },
        {
          name: `${field}Before`,
          expression: `request.operation == 'UPDATE' ? oldObject.spec.?control.?${field}.orValue({}) : {}`,
        },
      ]),
    ],
    validations: [
      {
        expression: `variables.platform || !variables.starts || object.spec.author == ${me}`,
        messageExpression: `'spec.author names who starts the Move, nobody else; write ' + ${me}`,
        message: 'spec.author names who starts the Move, nobody else',
        reason: 'Forbidden',
      },
      {
        // a move changes the application in the name of whoever starts it
        expression: `variables.platform || !variables.starts || ${holds('edit', 'applications')}`,
        message: 'A Move is started by who may change the application: a developer or administrator of the project',
        reason: 'Forbidden',
      },
      ...asked.map((field) => ({
        expression: `variables.platform || variables.${field} == variables.${field}Before || variables.${field}.by == ${me}`,
        messageExpression: `'spec.control.${field}.by names who asks for it, nobody else; write ' + ${me}`,
        message: `spec.control.${field}.by names who asks for it, nobody else`,
        reason: 'Forbidden' as const,
      })),
    ],
  },
  {
    name: 'moves-in-hand',
    resources: ['moves'],
    operations: ['DELETE'],
    variables: [platform],
    validations: [
      {
        expression: `oldObject.?status.?phase.orValue('Pending') in ${JSON.stringify(['Pending', ...endedMovePhases])} || variables.platform || ${goesAnyway}`,
        message:
          'The Move has an application in hand; take it back (spec.control.undo), or let go of everything as it stands (spec.control.abort), then delete it',
        reason: 'Forbidden',
      },
    ],
  },
  {
    name: 'application-moving',
    resources: ['applications'],
    operations: ['CREATE', 'UPDATE'],
    variables: [
      platform,
      { name: 'move', expression: "object.spec.?move.orValue('')" },
      {
        name: 'moveBefore',
        expression: "request.operation == 'UPDATE' ? oldObject.spec.?move.orValue('') : ''",
      },
    ],
    validations: [
      {
        expression: 'variables.platform || variables.move == variables.moveBefore',
        message: 'spec.move is written by Flotilla only; leave it as it is, or start a Move',
        reason: 'Forbidden',
      },
      {
        expression: `variables.platform || variables.moveBefore == '' || (${ofMoves.map((field) => `object.spec.?${field} == oldObject.spec.?${field}`).join(' && ')})`,
        messageExpression: `'The move ' + variables.moveBefore + ' has the application in hand: ${ofMoves.map((field) => `spec.${field}`).join(' and ')} are its own until it ends; undo it, or wait'`,
        message: 'A move has the application in hand: spec.placement and spec.standby are its own until it ends',
        reason: 'Forbidden',
      },
    ],
  },
]
