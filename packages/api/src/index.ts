/** The typed client and the types of what goes over the wire. Schemas are in `@flotilla/api/contract`. */
export { type Addresses, addresses, basePath, csrfHeader, maxUploadBytes, type RouteId } from './addresses.ts'
export {
  addressUrl,
  createApiClient,
  type ApiClient,
  type ApiClientOptions,
  type RouteBody,
  type RouteInput,
  type RouteQuery,
  type RouteResult,
} from './client.ts'
export { type ResourceColumn, resourceColumns, type ResourceName, resourceNames } from './resource-names.ts'
export { readResourceTopic, resourceTopic } from './resource-topic.ts'
export { readLines } from './read-lines.ts'
export type {
  Accepted,
  ApplicationDetail,
  ApplicationRow,
  MatrixCell,
  MatrixComponent,
  MatrixTarget,
} from './shapes/application.ts'
export type { RevisionDetail, RevisionRow, Sentence } from './shapes/application.ts'
export type { Invitation } from './shapes/agent.ts'
export type { AsciicastEvent, AsciicastHeader, AsciicastLine } from './shapes/asciicast.ts'
export type {
  AuditChange,
  AuditEntry,
  AuditFilter,
  AuditRecord,
  AuditResult,
  AuditSource,
  AuditVerification,
} from './shapes/audit.ts'
export type { ClusterDetail, ClusterRow, ConnectionView } from './shapes/cluster.ts'
export type { DifferenceAnswer, ExplainAnswer, ObjectChange, PreviewAnswer } from './shapes/difference.ts'
export type { ApplyAnswer, KindView } from './shapes/document.ts'
export type { RunRow, WhereRow } from './shapes/history.ts'
export type { ApprovalRow, ReleaseDetail, ReleaseDifference, ReleaseRow } from './shapes/release.ts'
export type {
  PlanCheck,
  PlanRow,
  RolloutDetail,
  RolloutRow,
  RolloutStageView,
  RolloutTargetView,
  StepView,
} from './shapes/rollout.ts'
export type { AdoptAnswer, EventRow, LogItem, ObjectRow, PodRow } from './shapes/runtime.ts'
export type { ReachableCluster, ReachableClusters } from './shapes/kubernetes.ts'
export type { MoveRequest, MoveRow } from './shapes/move.ts'
export type { Grant, MemberRow, PersonDetail, PersonRow } from './shapes/people.ts'
export type { RoleRow, Roles } from './shapes/role.ts'
export type { ResourceFilter, ResourcePage, ResourceRow } from './shapes/resource.ts'
export type { GrantedRole, Person, SessionView, SignIn } from './shapes/session.ts'
export type { SignInWays } from './shapes/provider.ts'
export type { TokenRow } from './shapes/token.ts'
export type { Change, StreamEvent } from './shapes/stream.ts'
export type { ProjectDetail, ProjectRow, WorkspaceRow } from './shapes/tenant.ts'
export type { Failure, KubeObjectShape, ObjectRefShape, ObjectsPolicy } from './shapes/wire.ts'
