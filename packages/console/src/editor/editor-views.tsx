import { Segmented } from 'antd'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { BasicForm } from './basic-form.tsx'
import { CodeEditor } from './code-editor.tsx'
import type { JsonSchema } from './json-schema.ts'

interface EditorViewsProps {
  readonly text: string
  readonly project: string
  readonly schema: JsonSchema | undefined
  readonly onChange: (text: string) => void
  readonly onSave: () => void
}

/** Two views of one document: the text, and a form for its basic parts. */
export function EditorViews({ text, project, schema, onChange, onSave }: EditorViewsProps) {
  const { t } = useText()
  const [view, setView] = useParam('view', 'yaml')
  return (
    <section className="panel grow" aria-label={t.editor.document}>
      <header>
        <Segmented
          size="small"
          aria-label={t.editor.view}
          value={view === 'form' ? 'form' : 'yaml'}
          onChange={setView}
          options={[
            { value: 'yaml', label: t.editor.yaml },
            { value: 'form', label: t.editor.form },
          ]}
        />
        <span className="sub">{view === 'form' && t.editor.formHint}</span>
      </header>
      {view === 'form' ? (
        <BasicForm text={text} project={project} onChange={onChange} />
      ) : (
        <CodeEditor text={text} label={t.editor.document} schema={schema} onChange={onChange} onSave={onSave} />
      )}
    </section>
  )
}
