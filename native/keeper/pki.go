package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	validFor   = 365 * 24 * time.Hour
	renewAhead = 60 * 24 * time.Hour
)

// PkiSpec names the authorities, certificates and bare key pairs that must be in a folder. What is there and still good stays.
type PkiSpec struct {
	Dir          string        `json:"dir"`
	Authorities  []Authority   `json:"authorities"`
	Certificates []Certificate `json:"certificates"`
	KeyPairs     []string      `json:"keyPairs"`
}

type Authority struct {
	Name       string `json:"name"`
	CommonName string `json:"commonName"`
}

type Certificate struct {
	Name          string   `json:"name"`
	Authority     string   `json:"authority"`
	CommonName    string   `json:"commonName"`
	Organizations []string `json:"organizations"`
	DNSNames      []string `json:"dnsNames"`
	IPs           []string `json:"ips"`
	Server        bool     `json:"server"`
	Client        bool     `json:"client"`
}

type signer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func runPki(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var spec PkiSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	if err := os.MkdirAll(spec.Dir, 0o700); err != nil {
		return err
	}
	signers := map[string]signer{}
	for _, authority := range spec.Authorities {
		s, err := ensureAuthority(spec.Dir, authority)
		if err != nil {
			return err
		}
		signers[authority.Name] = s
	}
	for _, certificate := range spec.Certificates {
		s, ok := signers[certificate.Authority]
		if !ok {
			return errors.New("no authority " + certificate.Authority)
		}
		if err := ensureCertificate(spec.Dir, certificate, s); err != nil {
			return err
		}
	}
	for _, name := range spec.KeyPairs {
		if err := ensureKeyPair(spec.Dir, name); err != nil {
			return err
		}
	}
	return nil
}

func ensureAuthority(dir string, authority Authority) (signer, error) {
	path := filepath.Join(dir, authority.Name)
	if cert, key := readPair(path); cert != nil && time.Until(cert.NotAfter) > renewAhead {
		return signer{cert, key}, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return signer{}, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: authority.CommonName},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(10 * validFor),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return signer{}, err
	}
	if err := writePair(path, der, key); err != nil {
		return signer{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return signer{cert, key}, err
}

func ensureCertificate(dir string, wanted Certificate, by signer) error {
	path := filepath.Join(dir, wanted.Name)
	if cert, _ := readPair(path); cert != nil && stillGood(cert, wanted, by) {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: wanted.CommonName, Organization: wanted.Organizations},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(validFor),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		DNSNames:     wanted.DNSNames,
	}
	for _, ip := range wanted.IPs {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(ip))
	}
	if wanted.Server {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	if wanted.Client {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, key.Public(), by.key)
	if err != nil {
		return err
	}
	return writePair(path, der, key)
}

func stillGood(cert *x509.Certificate, wanted Certificate, by signer) bool {
	var ips []string
	for _, ip := range cert.IPAddresses {
		ips = append(ips, ip.String())
	}
	return time.Until(cert.NotAfter) > renewAhead && cert.CheckSignatureFrom(by.cert) == nil &&
		cert.Subject.CommonName == wanted.CommonName && slices.Equal(cert.Subject.Organization, wanted.Organizations) &&
		slices.Equal(cert.DNSNames, wanted.DNSNames) && slices.Equal(ips, wanted.IPs)
}

func ensureKeyPair(dir, name string) error {
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path + ".pub"); err == nil {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if err := writeKey(path+".key", key); err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	return writePem(path+".pub", "PUBLIC KEY", der, 0o644)
}

func readPair(path string) (*x509.Certificate, *ecdsa.PrivateKey) {
	certText, err1 := os.ReadFile(path + ".crt")
	keyText, err2 := os.ReadFile(path + ".key")
	if err1 != nil || err2 != nil {
		return nil, nil
	}
	certBlock, _ := pem.Decode(certText)
	keyBlock, _ := pem.Decode(keyText)
	if certBlock == nil || keyBlock == nil {
		return nil, nil
	}
	cert, err1 := x509.ParseCertificate(certBlock.Bytes)
	key, err2 := x509.ParseECPrivateKey(keyBlock.Bytes)
	if err1 != nil || err2 != nil {
		return nil, nil
	}
	return cert, key
}

// writePair writes the key first: a certificate that is there has its key.
func writePair(path string, der []byte, key *ecdsa.PrivateKey) error {
	if err := writeKey(path+".key", key); err != nil {
		return err
	}
	return writePem(path+".crt", "CERTIFICATE", der, 0o644)
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePem(path, "EC PRIVATE KEY", der, 0o600)
}

func writePem(path, kind string, der []byte, mode os.FileMode) error {
	if err := os.WriteFile(path+".part", pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // no randomness: nothing made here could be trusted
	}
	return n
}
