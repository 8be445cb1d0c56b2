import type { ClusterDetail } from '@flotilla/api'
import { Button, Modal } from 'antd'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem } from '../components/problem.tsx'
import { TextArea } from '../components/text-area.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { computeLabelChange, parseLabels, writeLabels } from './parse-labels.ts'

/** Changes the labels of a cluster; only what differs is sent. */
export function LabelsEditor({ cluster, onClose }: { cluster: ClusterDetail; onClose: () => void }) {
  const { t } = useText()
  const [text, setText] = useState(() => writeLabels(cluster.labels))
  const labels = parseLabels(text)
  const save = useMutation({
    async mutationFn() {
      const change = labels.ok ? computeLabelChange(cluster.labels, labels.labels) : undefined
      if (change !== undefined)
        await api.clusters.change({ params: { cluster: cluster.name }, body: { labels: change } })
    },
    onSuccess() {
      void queryClient.invalidateQueries({ queryKey: keys.clusters })
      void queryClient.invalidateQueries({ queryKey: keys.cluster(cluster.name) })
      onClose()
    },
  })
  return (
    <Modal open title={t.fleet.labelsTitle(cluster.name)} onCancel={onClose} footer={null} width={460}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (labels.ok) save.mutate()
        }}
      >
        <TextArea
          label={t.fleet.labels}
          hint={t.fleet.labelsHint}
          rows={6}
          value={text}
          {...(labels.ok ? {} : { wrong: t.fleet.labelWrong(labels.line) })}
          onChange={(event) => setText(event.target.value)}
        />
        <div className="sub">{t.fleet.labelsNote}</div>
        {save.isError && <Problem error={save.error} />}
        <div className="row">
          <span className="push" />
          <Button onClick={onClose}>{t.shell.cancel}</Button>
          <Button type="primary" htmlType="submit" disabled={!labels.ok} loading={save.isPending}>
            {t.fleet.save}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
