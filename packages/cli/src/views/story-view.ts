import type { Scene } from '@causeway/sandbox';
import { type Terminal, paint } from '../terminal.ts';
import { historyLines } from './history-view.ts';
import { lineProofSentences } from './proof-view.ts';
import { reportLines } from './report-view.ts';

/** Tells the demo's story in a terminal, scene by scene. */
export function storyView(terminal: Terminal): (scene: Scene) => void {
  return (scene) => {
    for (const line of sceneLines(scene)) terminal.line(line);
  };
}

function sceneLines(scene: Scene): string[] {
  switch (scene.scene) {
    case 'published':
      return [
        `${scene.name} published ${scene.result.accepted} records about ${scene.result.subjects} subjects`,
      ];
    case 'enrolled':
      return [`${scene.name} answers from its own system, which knows ${scene.subjects} subjects`];
    case 'agreed':
      return heading(
        `${scene.lender} asked ${scene.subject.name} for consent; ${scene.subject.id} approved`,
      ).concat(`bureaus named in the consent: ${scene.bureaus.join(', ')}`);
    case 'progress':
      return [progress(scene.view)];
    case 'report':
      return [
        ...heading(`${scene.title}: ${scene.subject.name}`),
        ...reportLines(scene.delivered.report.claims),
      ];
    case 'refused':
      return [...heading(scene.title), `${paint('red', 'refused')} ${scene.code}: ${scene.detail}`];
    case 'stopped':
      return heading(`The bureau ${scene.bureau} is stopped`);
    case 'revoked':
      return heading(`${scene.subject.name} revokes the consent given to ${scene.lender}`);
    case 'history':
      return [
        ...heading(`Who asked about ${scene.subject.name}, as ${scene.subject.id} sees it`),
        ...historyLines(scene.accesses),
      ];
    case 'proof':
      return [...heading('The proof of the first of these lines'), ...lineProofSentences(scene.proof)];
    case 'evidence':
      return [
        ...heading('The evidence of the first inquiry, checked offline'),
        scene.verified ? paint('green', 'verified under the anchor') : paint('red', 'not verified'),
        scene.tamperedRejected
          ? paint('green', 'with one byte flipped: rejected')
          : paint('red', 'tampering passed'),
      ];
  }
}

const heading = (text: string): string[] => ['', paint('bold', text)];

function progress(view: Extract<Scene, { scene: 'progress' }>['view']): string {
  const bureaus = view.bureaus.map(({ bureau, state }) => `${bureau} ${state}`).join(' · ');
  return paint('dim', bureaus === '' ? view.state : `${view.state}: ${bureaus}`);
}
