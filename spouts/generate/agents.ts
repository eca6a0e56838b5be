/** About 300 user agents of 2013, the common ones first and bots last. @module */

const each = <A>(values: readonly A[], ...makers: ((value: A) => string)[]): string[] =>
  makers.flatMap((make) => values.map(make));

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

const WINDOWS = ['6.1; WOW64', '6.1', '5.1', '6.0', '6.2; WOW64'];
const MACS = ['10_6_8', '10_7_5', '10_8_2'];
const WEBKIT = 'AppleWebKit/537.11 (KHTML, like Gecko)';

const chrome = (system: string): string[] =>
  range(17, 24).map(
    (v) =>
      `Mozilla/5.0 (${system}) ${WEBKIT} Chrome/${v}.0.${1000 + 53 * v}.${v + 33} Safari/537.11`,
  );
const firefox = (system: string): string[] =>
  range(10, 18).map((v) => `Mozilla/5.0 (${system}; rv:${v}.0) Gecko/20100101 Firefox/${v}.0`);
const explorer = (windows: string): string[] =>
  range(7, 9).map(
    (v) =>
      `Mozilla/${v > 8 ? 5 : 4}.0 (compatible; MSIE ${v}.0; Windows NT ${windows}; Trident/${v - 4}.0)`,
  );

const PHONES = [
  ...each(
    ['5_0_1', '5_1_1', '6_0', '6_0_1', '6_1'],
    ...['iPhone; CPU iPhone', 'iPad; CPU', 'iPod; CPU iPhone'].map(
      (device) => (v: string) =>
        `Mozilla/5.0 (${device} OS ${v} like Mac OS X) AppleWebKit/536.26 (KHTML, like Gecko) Version/${v[0]}.0 Mobile/10A523 Safari/8536.25`,
    ),
  ),
  ...each(
    [
      'GT-I9100',
      'GT-I9300',
      'GT-N7000',
      'Nexus 7',
      'HTC One X',
      'LT26i',
      'XT910',
      'SAMSUNG-SGH-I747',
    ],
    ...['2.3.6', '4.0.4', '4.1.2'].map(
      (v) => (device: string) =>
        `Mozilla/5.0 (Linux; U; Android ${v}; en-us; ${device} Build/JZO54K) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30`,
    ),
  ),
  ...each(
    ['9800', '9900', '9320'],
    (model) =>
      `Mozilla/5.0 (BlackBerry; U; BlackBerry ${model}; en) AppleWebKit/534.11+ (KHTML, like Gecko) Version/7.1.0.346 Mobile Safari/534.11+`,
  ),
  ...each(
    ['C3-00', 'X2-01', '5130', 'N8-00', 'Asha 302'],
    (model) =>
      `Nokia${model}/5.0 (08.63) Profile/MIDP-2.1 Configuration/CLDC-1.1 Mozilla/5.0 (Java; U; en-us; nokia) UCBrowser8.9.0.251/69/352/UCWEB Mobile`,
  ),
  ...each(
    range(4, 7),
    (v) =>
      `Opera/9.80 (J2ME/MIDP; Opera Mini/${v}.1.29${v}/28.3392; U; en) Presto/2.8.119 Version/11.10`,
  ),
  'Mozilla/5.0 (compatible; MSIE 9.0; Windows Phone OS 7.5; Trident/5.0; IEMobile/9.0; NOKIA; Lumia 800)',
  'WikipediaMobile/3.3.2 (Android)',
];

const TOOLS = [
  ...each(
    ['2.0', '2.1'],
    (v) => `Mozilla/5.0 (compatible; Googlebot/${v}; +http://www.google.com/bot.html)`,
    (v) => `Mozilla/5.0 (compatible; bingbot/${v}; +http://www.bing.com/bingbot.htm)`,
  ),
  'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)',
  'Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)',
  'Mozilla/5.0 (compatible; AhrefsBot/4.0; +http://ahrefs.com/robot/)',
  'Mozilla/5.0 (compatible; MJ12bot/v1.4.3; http://www.majestic12.co.uk/bot.php?+)',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Twitterbot/1.0',
  'msnbot-media/1.1 (+http://search.msn.com/msnbot.htm)',
  'Googlebot-Image/1.0',
  'DotBot/1.1 (http://www.dotnetdotcom.org/)',
  ...each(
    range(24, 28),
    (v) => `curl/7.${v}.0 (x86_64-unknown-linux-gnu) libcurl/7.${v}.0`,
    (v) => `Python-urllib/2.${v - 21}`,
    (v) => `Wget/1.${v - 14}`,
    (v) => `Java/1.${v - 21}.0_2${v - 24}`,
  ),
  ...each(
    range(1, 6),
    (v) => `MediaWiki/1.${15 + v}`,
    (v) => `WikiClient/0.${v} (https://wiki.example/contact)`,
  ),
];

/** In the order of how common they are. */
export const AGENTS: readonly string[] = [
  ...WINDOWS.flatMap((v) => chrome(`Windows NT ${v}`)),
  ...WINDOWS.flatMap((v) => firefox(`Windows NT ${v}`)),
  ...WINDOWS.flatMap(explorer),
  ...PHONES,
  ...MACS.flatMap((v) => chrome(`Macintosh; Intel Mac OS X ${v}`)),
  ...MACS.flatMap((v) => firefox(`Macintosh; Intel Mac OS X ${v.replaceAll('_', '.')}`)),
  ...MACS.map(
    (v) =>
      `Mozilla/5.0 (Macintosh; Intel Mac OS X ${v}) AppleWebKit/536.26.17 (KHTML, like Gecko) Version/6.0.2 Safari/536.26.17`,
  ),
  ...['X11; Linux x86_64', 'X11; Ubuntu; Linux i686'].flatMap((system) => [
    ...chrome(system),
    ...firefox(system),
  ]),
  ...range(1, 8).map(
    (v) => `Opera/9.80 (Windows NT 6.1; U; en) Presto/2.10.${280 + v} Version/12.0${v}`,
  ),
  ...TOOLS,
];

/** Agents from here on are programs: they send neither a referer nor a language. */
export const FIRST_TOOL = AGENTS.length - TOOLS.length;
