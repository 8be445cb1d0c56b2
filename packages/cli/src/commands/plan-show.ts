import { parseInput, Plan } from '@flotilla/model'
import { findPlan } from '../find-plan.ts'
import type { Io } from '../io.ts'
import { planText } from '../print/plan-text.ts'
import { printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'

/** A plan as stages and steps; as -o yaml, the document that flotilla apply takes. */
export async function showPlan(io: Io, text: string, options: ReleaseOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const { project, plan } = await findPlan(io, api, text, options.project)
  const object = await api.kinds.get({ params: { kind: 'Plan', name: plan }, query: { project }, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, object)
  io.out(planText(io, { project, name: plan, spec: parseInput(Plan, object).spec }))
}
