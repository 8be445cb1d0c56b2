import { ApplicationKind } from './application.ts'
import { ApprovalKind } from './approval.ts'
import { ClusterKind } from './cluster.ts'
import { ComponentVersionKind } from './component-version.ts'
import { CredentialKind } from './credential.ts'
import { CustomRoleKind } from './custom-role.ts'
import type { AnyKind } from './define-kind.ts'
import { DeliveryKind } from './delivery.ts'
import { IdentityProviderKind } from './identity-provider.ts'
import { MoveKind } from './move.ts'
import { PlanKind } from './plan.ts'
import { ProjectKind } from './project.ts'
import { ReleaseKind } from './release.ts'
import { RolloutKind } from './rollout.ts'
import { MembershipKind, UserKind } from './user.ts'
import { WorkspaceKind } from './workspace.ts'

/** Every kind of Flotilla, in the order in which they are installed. */
export const kinds: readonly AnyKind[] = [
  ClusterKind,
  WorkspaceKind,
  ProjectKind,
  IdentityProviderKind,
  UserKind,
  MembershipKind,
  CustomRoleKind,
  CredentialKind,
  ApplicationKind,
  DeliveryKind,
  ComponentVersionKind,
  ReleaseKind,
  PlanKind,
  RolloutKind,
  ApprovalKind,
  MoveKind,
]
