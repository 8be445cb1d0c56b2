import type { ObjectRow } from '@flotilla/api'
import { useQuery } from '@tanstack/react-query'
import { Modal } from 'antd'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { YamlView } from '../editor/yaml-view.tsx'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'

interface ManifestDialogProps {
  readonly project: string
  readonly application: string
  readonly row: ObjectRow
  readonly onClose: () => void
}

/** One object as it is in its cluster, as YAML; the server leaves the values of Secrets out. */
export function ManifestDialog({ project, application, row, onClose }: ManifestDialogProps) {
  const query = { cluster: row.cluster, ...row.ref }
  const manifest = useQuery({
    queryKey: keys.ofApplication(project, application, 'manifest', query),
    queryFn: ({ signal }) => api.applications.manifest({ params: { project, application }, query, signal }),
    staleTime: 0,
  })
  return (
    <Modal open title={`${row.ref.kind} ${row.ref.name} · ${row.cluster}`} footer={null} width={860} onCancel={onClose}>
      {manifest.isPending && <SkeletonRows />}
      {manifest.isError && <Problem error={manifest.error} />}
      {manifest.data !== undefined && <YamlView text={manifest.data.yaml} label={`${row.ref.kind} ${row.ref.name}`} />}
    </Modal>
  )
}
