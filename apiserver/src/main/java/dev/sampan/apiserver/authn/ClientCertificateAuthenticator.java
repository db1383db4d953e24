package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Authenticator;
import dev.sampan.apiserver.UserInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.naming.NamingException;
import javax.naming.ldap.LdapName;
import org.jspecify.annotations.Nullable;

/** Common name is the user, organizations are the groups. The TLS layer has verified the certificate. */
final class ClientCertificateAuthenticator implements Authenticator {

    @Override
    public @Nullable UserInfo authenticate(ApiRequest request) throws Unauthorized {
        var certificate = request.clientCertificate();
        if (certificate == null) {
            return null;
        }
        var name = "";
        var groups = new ArrayList<String>();
        try {
            var subject = new LdapName(certificate.getSubjectX500Principal().getName());
            for (var rdn : subject.getRdns()) {
                for (var attributes = rdn.toAttributes().getAll(); attributes.hasMore(); ) {
                    var attribute = attributes.next();
                    var value = String.valueOf(attribute.get());
                    if (attribute.getID().equalsIgnoreCase("CN")) {
                        name = value;
                    } else if (attribute.getID().equalsIgnoreCase("O")) {
                        groups.add(value);
                    }
                }
            }
        } catch (NamingException e) {
            throw new Unauthorized("the client certificate's subject cannot be read: " + e.getMessage());
        }
        if (name.isEmpty()) {
            return null;
        }
        if (!groups.contains(UserInfo.ALL_AUTHENTICATED)) {
            groups.add(UserInfo.ALL_AUTHENTICATED);
        }
        return new UserInfo(name, "", List.copyOf(groups), Map.of());
    }
}
