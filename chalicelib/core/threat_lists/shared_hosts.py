"""Names that serve everybody: a bad URL on one of them says nothing about the host.

Code and file hosting, content delivery, clouds, link shorteners, mail and chat, search, and where
everybody's software comes from. Whoever misses a name here puts it under `trusted/`.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

SHARED_HOSTS = frozenset(
    re.findall(
        r"\S+",
        """
    github.com githubusercontent.com github.io githubassets.com gitlab.com gitlab.io
    bitbucket.org bitbucket.io codeberg.org codeberg.page sourceforge.net gitee.com
    sourceforge.io gitbook.io readthedocs.io codepen.io glitch.me glitch.com replit.com
    replit.app repl.co stackblitz.io

    pastebin.com paste.ee rentry.co hastebin.com ghostbin.com dpaste.com controlc.com
    justpaste.it telegra.ph notion.so notion.site evernote.com trello.com

    dropbox.com dropboxusercontent.com box.com boxcloud.com mega.nz mega.io mediafire.com
    wetransfer.com we.tl sendspace.com transfer.sh file.io gofile.io anonfiles.com catbox.moe
    4shared.com uploadrar.com pixeldrain.com krakenfiles.com filebin.net temp.sh
    workupload.com zippyshare.com ufile.io archive.org

    google.com googleapis.com googleusercontent.com gstatic.com appspot.com blogspot.com
    web.app firebaseapp.com firebaseio.com firebasestorage.app run.app cloudfunctions.net
    withgoogle.com goo.gl g.co youtube.com youtu.be ytimg.com gmail.com

    microsoft.com live.com office.com office365.com outlook.com sharepoint.com onedrive.com
    1drv.ms 1drv.com azurewebsites.net azurestaticapps.net azureedge.net azurefd.net
    azure.com azure.net windows.net windowsupdate.com cloudapp.net trafficmanager.net
    azurecontainer.io msn.com bing.com skype.com visualstudio.com

    amazonaws.com amazonaws.com.cn aws.dev awsapps.com cloudfront.net amplifyapp.com
    awsapprunner.com elasticbeanstalk.com on.aws amazon.com aws.amazon.com

    cloudflare.com cloudflare.net workers.dev pages.dev r2.dev trycloudflare.com
    cloudflarestorage.com cloudflare-ipfs.com cdnjs.com fastly.net fastly.com fastlylb.net
    edgecompute.app akamai.net akamaized.net akamaihd.net akamaiedge.net edgesuite.net
    edgekey.net linodeobjects.com linode.com llnwd.net stackpathcdn.com stackpathdns.com
    bunny.net b-cdn.net kxcdn.com cdn77.org gcdn.co jsdelivr.net unpkg.com

    digitaloceanspaces.com ondigitalocean.app digitalocean.com vultrobjects.com vultr.com
    backblazeb2.com backblaze.com wasabisys.com hetzner.com your-objectstorage.com ovh.net
    ovh.com scw.cloud oraclecloud.com aliyuncs.com myqcloud.com bcebos.com yandexcloud.net
    heroku.com herokuapp.com netlify.app netlify.com vercel.app vercel.com now.sh render.com
    onrender.com fly.dev railway.app up.railway.app surge.sh deno.dev ngrok.io ngrok.app
    ngrok-free.app ngrok.com loca.lt serveo.net portmap.io

    wordpress.com wix.com wixsite.com weebly.com squarespace.com webflow.io tumblr.com
    medium.com substack.com blogger.com jimdosite.com jimdo.com strikingly.com godaddysites.com
    000webhostapp.com infinityfreeapp.com byethost.com altervista.org webnode.com
    webnode.page ucoz.com narod.ru yolasite.com myshopify.com shopify.com carrd.co
    canva.com canva.site hubspot.com hubspotpagebuilder.com typeform.com jotform.com
    forms.gle formstack.com zendesk.com hostinger.com 000webhost.com

    bit.ly tinyurl.com t.co ow.ly is.gd v.gd cutt.ly rebrand.ly rb.gy shorturl.at t.ly
    lnkd.in buff.ly tiny.cc s.id qrco.de linktr.ee

    discord.com discordapp.com discordapp.net discord.gg slack.com slack-edge.com
    slack-files.com telegram.org telegram.me t.me whatsapp.com wa.me signal.org zoom.us
    facebook.com fbcdn.net fbsbx.com instagram.com twitter.com x.com twimg.com linkedin.com
    licdn.com reddit.com redd.it pinterest.com tiktok.com vk.com vk.me imgur.com
    steamcommunity.com twitch.tv vimeo.com

    apple.com icloud.com icloud-content.com mzstatic.com yahoo.com yandex.ru yandex.net
    yandex.com mail.ru baidu.com qq.com duckduckgo.com mozilla.org wikipedia.org adobe.com
    npmjs.org npmjs.com pypi.org pythonhosted.org rubygems.org crates.io docker.com docker.io
    quay.io debian.org ubuntu.com launchpad.net launchpadlibrarian.net letsencrypt.org
    ipfs.io dweb.link nftstorage.link arweave.net

    microsoftonline.com office.net azure-api.net msappproxy.net translate.goog
    oraclecloudapps.com contabo.com bunnycdn.com alicdn.com

    framer.app framer.website pantheonsite.io supabase.co hf.space huggingface.co kaggle.com
    replit.dev codesandbox.io csb.app gitpod.io lovable.app vercel-storage.com vercel.sh
    force.com salesforce.com atlassian.net statuspage.io surveymonkey.com mailchimp.com
    sendgrid.net hubspotusercontent.com cloudinary.com imgbb.com ibb.co postimg.cc
    sharefile.com filemail.com limewire.com bashupload.com termbin.com 0x0.st uguu.se
    tmpfiles.org oshi.at yadi.sk

    naver.com daum.net line.me steampowered.com spotify.com nvidia.com intel.com oracle.com
    php.net apache.org python.org nodejs.org golang.org gnu.org kernel.org sourceware.org
    fedoraproject.org redhat.com centos.org alpinelinux.org archlinux.org digicert.com
    sectigo.com w3.org schema.org
    """,
    )
)


def is_shared(host: str, shared: AbstractSet[str] = SHARED_HOSTS) -> bool:
    """Whether others than its owner serve from `host`: it is a shared name, or below one."""
    while host:
        if host in shared:
            return True
        host = host.partition(".")[2]
    return False
