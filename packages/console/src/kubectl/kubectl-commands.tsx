import { CopyText } from '../components/copy-text.tsx'
import { useText } from '../i18n/text.ts'
import { useSession } from '../query/use-session.ts'
import { computeCommands } from './compute-commands.ts'

/** The commands that lead to plain kubectl, with the address of this very page; for one cluster, or for all. */
export function KubectlCommands({ cluster }: { cluster?: string }) {
  const { t } = useText()
  const user = useSession().data?.person.name
  const commands = computeCommands({ origin: location.origin, user, cluster })
  const steps = [
    [t.kubectl.once, commands.login],
    [cluster === undefined ? t.kubectl.write : t.kubectl.writeOne(cluster), commands.kubeconfig],
    [t.kubectl.use, commands.use],
  ] as const
  return (
    <div className="form">
      <div className="muted">{t.kubectl.lead}</div>
      {steps.map(([label, text]) => (
        <div key={label} className="field">
          <span className="label">{label}</span>
          <CopyText text={text} label={label} />
        </div>
      ))}
    </div>
  )
}
