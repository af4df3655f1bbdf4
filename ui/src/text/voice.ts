/** The system's own voice, where there is one that speaks the language. Many Linux PCs have none. */
import type { Language } from './catalogue';

function voiceOf(language: Language): SpeechSynthesisVoice | undefined {
  return 'speechSynthesis' in window ? speechSynthesis.getVoices().find((voice) => voice.localService && voice.lang.startsWith(language)) : undefined;
}

/** Tells whether there is a voice, and again when voices come later. Answers with what ends it. */
export function canSpeak(language: Language, tell: (can: boolean) => void): () => void {
  if (!('speechSynthesis' in window)) {
    tell(false);
    return () => undefined;
  }
  const look = (): void => { tell(voiceOf(language) !== undefined); };
  look();
  speechSynthesis.addEventListener('voiceschanged', look);
  return () => {
    speechSynthesis.removeEventListener('voiceschanged', look);
    speechSynthesis.cancel();
  };
}

export function speak(language: Language, text: string): void {
  const voice = voiceOf(language);
  if (!voice) return;
  const words = new SpeechSynthesisUtterance(text);
  words.voice = voice;
  words.lang = voice.lang;
  words.rate = 0.8;
  speechSynthesis.cancel();
  speechSynthesis.speak(words);
}
