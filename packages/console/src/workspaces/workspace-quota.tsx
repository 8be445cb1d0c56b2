import type { WorkspaceRow } from '@flotilla/api'
import { sumOf } from '@flotilla/model/quota-figures'
import { quotaFields } from './amount-fields.ts'
import { QuotaDialog } from './quota-dialog.tsx'

/** What the projects of a workspace may use together. */
export function WorkspaceQuota({ row, onClose }: { row: WorkspaceRow; onClose: () => void }) {
  const resources = new Set([...quotaFields.map(({ resource }) => resource), ...Object.keys(row.quota?.hard ?? {})])
  return (
    <QuotaDialog
      kind="Workspace"
      name={row.name}
      resources={[...resources]}
      most={new Map()}
      taken={sumOf([row.quota?.allocated])}
      targetsOf={() => []}
      onClose={onClose}
    />
  )
}
