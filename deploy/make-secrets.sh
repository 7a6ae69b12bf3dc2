#!/bin/sh
# Make the secrets of docker-compose.yml once; what exists is never changed. Needs nothing but a POSIX shell.
#   deploy/make-secrets.sh [folder]      (secrets/ beside docker-compose.yml when no folder is named)
# The folder is closed to other people of the host; the files in it are readable, because each container has its own user.
# POSTGRES_HOST, REDIS_HOST and their _QUERY and REDIS_SCHEME serve servers on other hosts (docs/how-to/deploy.md).
set -eu
folder=${1:-$(dirname "$0")/../secrets}
database=${POSTGRES_HOST:-postgres}
broker=${REDIS_HOST:-redis}
umask 022
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { [ -e "$1" ] || { printf '%s\n' "$2" > "$1.new" && mv "$1.new" "$1"; }; }
hash_of() { printf %s "$1" | sha256sum | cut -d' ' -f1; }
address() { echo "postgresql://$1:$2@$database/$3${POSTGRES_QUERY:-}"; }

keep postgres_password "$(random)"
keep superuser_url "$(address postgres "$(cat postgres_password)" postgres)"
keep owner_database_url "$(address civreg_owner "$(random)" civreg)"
keep database_url "$(address civreg_app "$(random)" civreg)"
keep report_database_url "$(address civreg_report "$(random)" civreg)"
keep metrics_token "$(random)"
keep backup_key "$(random)"
if [ ! -e redis_url ] || [ ! -e redis_acl ]; then
    password=$(random)
    # no command that could empty, stop or reconfigure the broker
    printf 'user default off\nuser civreg on #%s ~* &* +@all -@admin -@dangerous +info\n' "$(hash_of "$password")" > redis_acl
    echo "${REDIS_SCHEME:-redis}://civreg:$password@$broker/0${REDIS_QUERY:-}" > redis_url
fi
[ -e tls.pem ] || echo "Còn thiếu $folder/tls.pem: chứng chỉ và khóa riêng của địa chỉ công khai, nối trong một tệp." >&2
echo "Đã có bí mật trong $folder. Sao lưu thư mục này ở nơi khác; backup_key để riêng với bản sao lưu."
