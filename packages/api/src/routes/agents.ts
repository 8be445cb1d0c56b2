import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { AddAgent, AddedAgent, Invitation, InviteAgent } from '../shapes/agent.ts'
import { ClusterParams } from './params.ts'
import { needs } from './rights.ts'

const ofCluster = { params: ClusterParams, query: undefined, rights: needs('update', 'clusters', 'cluster') } as const

export const agentRoutes = [
  defineRoute('agents.add', {
    audited: 'before',
    summary: 'Add a cluster that an agent in it connects, and get what starts the agent',
    params: undefined,
    query: undefined,
    body: AddAgent,
    result: AddedAgent,
    errors: ['request.conflict'],
    rights: needs('create', 'clusters', 'cluster'),
    status: 201,
  }),
  defineRoute('agents.invite', {
    audited: 'before',
    ...ofCluster,
    summary: 'Get what starts the agent of a cluster; the token that it has stays good until the new one is used',
    body: InviteAgent,
    result: Invitation,
    errors: ['cluster.not_found', 'request.conflict'],
    status: 201,
  }),
  defineRoute('agents.rotate', {
    audited: 'before',
    ...ofCluster,
    summary: 'Give a connected agent another token; the one before ends with the first use of it',
    body: z.object({}).optional(),
    result: z.object({ rotated: z.literal(true) }),
    errors: ['cluster.not_found', 'request.conflict', 'cluster.unreachable'],
  }),
  defineRoute('agents.revoke', {
    audited: 'before',
    ...ofCluster,
    summary: 'End every token of an agent, and its tunnels',
    body: z.object({}).optional(),
    result: z.object({ revoked: z.literal(true) }),
    errors: ['cluster.not_found', 'request.conflict'],
  }),
]
