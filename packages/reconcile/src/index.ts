export * from './decision.ts'
export { computeHealth } from './health/compute-health.ts'
export { explainByPods, runsPods } from './health/explain-by-pods.ts'
export { readField, readList, readNumber, readText } from './health/read-field.ts'
export { computeImages, computeReadiness, type Readiness } from './health/readiness.ts'
export type * from './application/observed.ts'
export { renderKey } from './application/observed.ts'
export {
  isWritten,
  parseRenderedFrom,
  readRenderedFrom,
  renderedFromAnnotation,
  standsBy,
} from './application/desired-delivery.ts'
export { computeWanted, type Wanted } from './application/wanted.ts'
export { canonicalDigest } from './canonical-digest.ts'
export * from './layers.ts'
export { coalesceValues, mergeAll, mergeValues, type ValueMap } from './merge-values.ts'
export { findMatchedPatches, patchId } from './patch-targets.ts'
export { reconcileApplication, type ApplicationQuestion } from './reconcile-application.ts'
export { unifiedDiff } from './unified-diff.ts'
export * from './value-path.ts'
export { diffObject, diffObjects, type FieldDiff, type ObjectDiff } from './diff-objects.ts'
export { explainObject, explainValue, type Explanation, type LayerSays, parseObjectPath } from './explain.ts'
export { maskSecret, secretMask, showSecrets, withoutNoise } from './object-noise.ts'
export { computeHelmChanges, type HelmChange } from './delivery/helm-changes.ts'
export { isSameWish } from './delivery/attempt.ts'
export { contentHash, type HashKey, hashOf } from './delivery/hash.ts'
export {
  type DeclaredMigration,
  declaredMigration,
  migrationAnnotation,
  migrationDigest,
  migrationScope,
} from './delivery/hook-migration.ts'
export {
  deletePolicies,
  hookFinalizer,
  hookInHand,
  hookRunAnnotation,
  isAwaited,
  isHookOf,
  type PlannedHook,
  planHooks,
  prepareHook,
} from './delivery/hooks.ts'
export type { Barred } from './delivery/types.ts'
export type { Inventory, InventoryComponent, InventoryEntry } from './delivery/inventory.ts'
export { isAtLeast, type LiveObjectSight, type LiveSight } from './delivery/live-sight.ts'
export { endOfPod, outcomeOfRun, type PodEnd } from './delivery/run-outcome.ts'
export { ownLabels, prepareAhead, prepareObjects } from './delivery/prepare-objects.ts'
export { bindsArriving, computeOwnership, inventoryName, type OwnershipContext } from './delivery/refusals.ts'
export type * from './delivery/types.ts'
export type * from './rollout/types.ts'
export { reconcileDelivery } from './reconcile-delivery.ts'
export { deliveryOf, type DeliveryCause } from './release/delivery-of.ts'
export { findOutdated, type Outdated, type OutdatedQuestion } from './release/find-outdated.ts'
export { computeAuthorship } from './release/authorship.ts'
export { findBaseRelease } from './release/base-release.ts'
export { componentVersionsOf } from './release/component-versions.ts'
export { computeReleaseSpec, type ReleaseSpecAnswer } from './release/compute-release-spec.ts'
export { computeFrozenTargets } from './release/frozen-targets.ts'
export { computeRunningChoices } from './release/running-choices.ts'
export { declaredDigest } from './release/declared-digest.ts'
export { frozenDigestInput } from './release/frozen-digest.ts'
export type * from './release/observed.ts'
export { finalPhases } from './release/phase.ts'
export { freezeKey, reconcileRelease } from './reconcile-release.ts'
export { wantedOf } from './release/wanted-of.ts'
export { roles } from './ownership/roles.ts'
export { memberPolicies, rulesUser } from './ownership/member-policies.ts'
export { clusterRole, clusterRoleBinding, roleBinding, type PolicyRule } from './ownership/bindings.ts'
export {
  type ClusterSight,
  computeAbsentees,
  type NamespaceSight,
  type OwnedSight,
  sightOf,
} from './ownership/sights.ts'
export * from './project/observed.ts'
export { grantOf } from './quota/grant-of.ts'
export { policyName, targetPolicy } from './network/target-policy.ts'
export * from './network/plan-check.ts'
export * from './network/next-probe-step.ts'
export { probeLabel, type ProbeRole, probeRoles } from './network/probe-objects.ts'
export { quotaName } from './project/objects.ts'
export * from './reconcile-cluster.ts'
export * from './reconcile-credential.ts'
export * from './reconcile-custom-role.ts'
export * from './reconcile-identity-provider.ts'
export * from './reconcile-membership.ts'
export { type ActingObjects, type ActingSight, computeActing } from './move/acting.ts'
export { computePairs } from './move/pairs.ts'
export type * from './move/types.ts'
export { reconcileMove } from './reconcile-move.ts'
export { reconcileProject, type ProjectQuestion } from './reconcile-project.ts'
export * from './reconcile-workspace.ts'
export {
  computeLeftFields,
  computeTakeover,
  dropFields,
  isScaledByOther,
  stripFields,
  wasAutoscaled,
  withoutGoneAutoscaler,
} from './delivery/left-fields.ts'
export { reconcileRollout } from './reconcile-rollout.ts'
export type * from './rollout/types.ts'
export {
  type Approver,
  approversOf,
  computeVoid,
  countApprovals,
  isMeantFor,
  mayApprove,
  whoMay,
} from './rollout/approvals.ts'
export { checkPlan, type PlanFinding, type PlanQuestion, toFinding } from './rollout/check-plan.ts'
export { findWillMove } from './rollout/find-will-move.ts'
export { findIrreversibleHooks, mayHaveChanged } from './rollout/find-irreversible.ts'
export { type Opened, planOpening } from './rollout/plan-opening.ts'
export { type Draft, type Opening, planTargets } from './rollout/plan-targets.ts'
export {
  assignTargets,
  type PlannedStep,
  type SelectableTarget,
  stagesOf,
  stepsOfStage,
  type StageTargets,
} from './rollout/stages.ts'
export { computeStepsInHand } from './rollout/steps-in-hand.ts'
export { isOpen, isTimeZone, nextOpening } from './rollout/windows.ts'
