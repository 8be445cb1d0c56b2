import { ApplicationKind } from './application.ts'
import { ClusterKind } from './cluster.ts'
import { CredentialKind } from './credential.ts'
import { CustomRoleKind } from './custom-role.ts'
import type { AnyKind } from './define-kind.ts'
import { DeliveryKind } from './delivery.ts'
import { IdentityProviderKind } from './identity-provider.ts'
import { ProjectKind } from './project.ts'
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
]
