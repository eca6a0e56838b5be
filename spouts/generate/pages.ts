/** What is asked for: hosts, pages and files, as pieces of lines. @module */
import type { Random } from './random.js';

const LANGUAGES =
  'en en en en en de ja es ru fr it pt pl zh nl tr sv ar ko fa id cs fi hu vi no uk da he th'.split(
    ' ',
  );
const PROJECTS =
  'wikipedia wikipedia wikipedia wikipedia wikipedia wikipedia wiktionary wikibooks wikisource wikiquote wikinews wikivoyage'.split(
    ' ',
  );

const WORDS = (
  'Main_Page Facebook Deaths_in_2013 YouTube Google United_States India World_War_II Barack_Obama Game_of_Thrones Lady_Gaga Python Storm Albert_Einstein ' +
  'List_of_countries_by_population New_York_City Les_Mis%C3%A9rables Django_Unchained Abraham_Lincoln Hadoop The_Beatles Periodic_table Gravity Berlin ' +
  '%E6%97%A5%E6%9C%AC %D0%A0%D0%BE%D1%81%D1%81%D0%B8%D1%8F M%C3%BCnchen S%C3%A3o_Paulo Quantum_mechanics Mahatma_Gandhi Leonardo_da_Vinci Photosynthesis ' +
  'Football Chess Cat Dog Moon Mars Sun Water Iron Gold Rome Paris London Tokyo Sydney Cairo Lagos Lima Oslo Kenya Peru Chad Fiji Malta Nepal'
).split(' ');

/** A page's or file's method, URL, peer and type: columns 8 to 11 of a line, with tabs between. */
export function pageColumns(random: Random): string {
  const kind = random.fraction();
  if (kind < 0.45)
    return `GET\thttp://${wikiHost(random)}/wiki/${title(random)}\t-\ttext/html; charset=UTF-8`;
  if (kind < 0.7)
    return `GET\thttp://upload.wikimedia.org/wikipedia/commons/thumb/${file(random)}\t-\timage/${random.below(3) === 0 ? 'png' : 'jpeg'}`;
  if (kind < 0.82)
    return `GET\thttp://bits.wikimedia.org/${wikiHost(random)}/load.php?debug=false&lang=${pick(LANGUAGES, random)}&modules=${hex(random)}%7Cstartup&only=scripts&skin=vector&version=20130110T${hex(random)}Z&*\t-\ttext/javascript; charset=utf-8`;
  if (kind < 0.9)
    return `GET\thttp://${wikiHost(random)}/w/index.php?title=${title(random)}&action=${pick(ACTIONS, random)}&oldid=${random.below(5e8)}\t-\ttext/html; charset=UTF-8`;
  if (kind < 0.96)
    return `GET\thttp://${wikiHost(random)}/w/api.php?action=opensearch&search=${title(random)}&format=json\t-\tapplication/json; charset=utf-8`;
  if (kind < 0.98)
    return `POST\thttp://${wikiHost(random)}/w/index.php?title=${title(random)}&action=submit\t-\ttext/html; charset=UTF-8`;
  return `HEAD\thttp://${wikiHost(random)}/wiki/${title(random)}\t-\ttext/html; charset=UTF-8`;
}

export function referer(random: Random): string {
  const kind = random.fraction();
  if (kind < 0.25) return '-';
  if (kind < 0.7) return `http://${wikiHost(random)}/wiki/${title(random)}`;
  if (kind < 0.9)
    return `http://www.google.${pick(DOMAINS, random)}/url?sa=t&rct=j&q=${title(random).toLowerCase()}&source=web&cd=${random.below(9)}&ved=0C${hex(random)}&usg=AFQj${hex(random)}${hex(random)}`;
  return `http://${pick(SITES, random)}/${hex(random)}/${title(random)}.html`;
}

export const LANGUAGE_HEADERS: readonly string[] = [
  'en-US,en;q=0.8',
  'en-us',
  'en-US,en;q=0.5',
  'en-GB,en;q=0.8',
  '-',
  'de-DE,de;q=0.8,en-US;q=0.6,en;q=0.4',
  'ja',
  'es-ES,es;q=0.8',
  'ru-RU,ru;q=0.8,en-US;q=0.6',
  'fr-FR,fr;q=0.8',
  'pt-BR,pt;q=0.8',
  'zh-CN,zh;q=0.8',
  'it-IT,it;q=0.8',
  'pl,en-us;q=0.7,en;q=0.3',
  'nl-NL',
  'tr-TR,tr;q=0.8',
  'sv-SE',
  'ar,en-US;q=0.7',
  'ko-KR',
  'fa-IR',
  'id-ID,id;q=0.8',
  'cs-CZ',
  'hu-HU',
  'vi-VN,vi;q=0.8',
  'uk-UA',
  'da-DK',
  'he-IL',
  'th-TH,th;q=0.8',
  'hi-IN,hi;q=0.6',
  'sw,en;q=0.5',
];

const ACTIONS = ['history', 'edit', 'raw', 'info', 'render'];
const DOMAINS = ['com', 'de', 'co.uk', 'fr', 'com.br', 'co.in', 'co.jp', 'es', 'it', 'ru'];
const SITES = [
  'www.reddit.com',
  't.co',
  'www.facebook.com',
  'news.ycombinator.com',
  'forum.example',
  'blog.example',
  'search.example',
];

const pick = (values: readonly string[], random: Random): string =>
  values[random.below(values.length)]!;
const hex = (random: Random): string => (random.bits() >>> 0).toString(16).padStart(8, '0');
const title = (random: Random): string => {
  const word = WORDS[random.skewed(WORDS.length)]!;
  return random.below(3) === 0 ? `${word}_(${pick(WORDS, random).toLowerCase()})` : word;
};
const wikiHost = (random: Random): string =>
  `${pick(LANGUAGES, random)}.${random.below(5) === 0 ? 'm.' : ''}${pick(PROJECTS, random)}.org`;

function file(random: Random): string {
  const name = `${title(random)}_${random.below(999)}.jpg`;
  const sum = hex(random);
  return `${sum[0]}/${sum.slice(0, 2)}/${name}/${[120, 180, 220, 320, 640][random.below(5)]}px-${name}`;
}
