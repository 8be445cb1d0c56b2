import { useDeferredValue, useState } from 'react'
import { ActionButton } from '../actions/action-button.tsx'
import { type Action, allOf, allowed, type May, refused } from '../actions/action.ts'
import { Problem } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { Page } from '../shell/page.tsx'
import type { Crumb } from '../shell/top-bar.tsx'
import { api } from '../query/api.ts'
import { ConflictNote } from './conflict-note.tsx'
import type { Draft } from './draft.ts'
import { EditorViews } from './editor-views.tsx'
import { FaultList } from './fault-list.tsx'
import { lintDocument } from './lint-document.ts'
import type { Conflict } from './merge-values.ts'
import { PreviewPanel, type PreviewState } from './preview-panel.tsx'
import { saveDocument } from './save-document.ts'
import { useDraft } from './use-draft.ts'
import { useSchema } from './use-schema.ts'
import '../styles/table.css'
import '../app/matrix.css'

interface EditorBodyProps {
  readonly crumbs: readonly Crumb[]
  readonly title: string
  readonly project: string
  readonly draftKey: string
  readonly fresh: Draft
  readonly submit: string
  readonly maySave: May
  /** Above the editor: the project of a new application. */
  readonly beside?: React.ReactNode
  readonly onSaved: (name: string, outcome: 'created' | 'changed' | 'unchanged') => void
}

/** The editor of an application, new or old: text and form, preview, save. */
export function EditorBody(props: EditorBodyProps) {
  const { t } = useText()
  const { project } = props
  const { draft, restored, change, discard, forget } = useDraft(props.draftKey, props.fresh)
  const schema = useSchema('Application')
  const [preview, setPreview] = useState<PreviewState>({ state: 'none' })
  const [failure, setFailure] = useState<unknown>()
  const [conflicts, setConflicts] = useState<readonly Conflict[]>()
  const faults = lintDocument(useDeferredValue(draft.text), schema)
  const readable: May = faults.length === 0 ? allowed : refused(t.editor.problems(faults.length))

  const ask = async () => {
    setPreview({ state: 'asking' })
    try {
      const body = { document: draft.text, against: 'wanted' as const }
      const answer = await api.applications.preview({ params: { project }, body })
      setPreview({ state: 'shown', answer, text: draft.text })
    } catch (error) {
      setPreview({ state: 'failed', error })
    }
  }
  const save = async () => {
    setFailure(undefined)
    try {
      const outcome = await saveDocument(api, project, draft)
      if (outcome.type === 'merged') {
        setConflicts(outcome.conflicts)
        change(outcome.draft)
        return
      }
      forget()
      props.onSaved(outcome.name, outcome.outcome)
    } catch (error) {
      setFailure(error)
    }
  }
  const somewhere: May = project === '' ? refused(t.apps.noProjects) : allowed
  const previewAction: Action = {
    id: 'editor.preview',
    label: t.editor.preview,
    may: allOf(somewhere, readable),
    run: ask,
  }
  const saveAction: Action = {
    id: 'editor.save',
    label: props.submit,
    may: allOf(somewhere, props.maySave, readable),
    primary: true,
    shortcut: 'Control+S',
    run: save,
  }
  return (
    <Page
      crumbs={props.crumbs}
      title={props.title}
      beside={props.beside}
      fill
      actions={
        <>
          <ActionButton action={previewAction} />
          <ActionButton action={saveAction} />
        </>
      }
    >
      <div className="editor-split">
        <div className="editor-side">
          {restored && (
            <div className="note">
              <span>{t.editor.draft}</span>
              <button type="button" className="plain accent" onClick={discard}>
                {t.editor.discardDraft}
              </button>
            </div>
          )}
          {conflicts !== undefined && (
            <ConflictNote
              conflicts={conflicts}
              text={draft.text}
              onText={(text) => change({ text })}
              onSettled={setConflicts}
            />
          )}
          {failure !== undefined && <Problem error={failure} />}
          <EditorViews
            text={draft.text}
            project={project}
            schema={schema}
            onChange={(text) => change({ text })}
            onSave={() => saveAction.may.allowed && void save()}
          />
        </div>
        <div className="editor-side">
          <PreviewPanel preview={preview} text={draft.text} />
          <FaultList faults={faults} />
        </div>
      </div>
    </Page>
  )
}
