"""scikit-learn's part of bench/mixed.ts: six data sets with categories and 10 % of the cells missing, three seeds each.

Writes N.train.csv and N.test.csv, and the scores of a random forest with one-hot columns and imputation, and of HistGradientBoosting with
its own handling, as scores.json, into the folder of the first argument. Two sets are scikit-learn's wine and breast cancer with columns cut
into categories; four are generated.
"""

import json
import os
import sys
import time

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

FOLDER = sys.argv[1]


def synth(seed,n,levels,k,num=4):
    r=np.random.default_rng(seed); d={}
    logit=np.zeros((n,k))
    for j in range(num):
        x=r.normal(size=n); d[f'x{j}']=np.round(x,3)
        if j<2: logit+=np.outer(x,r.normal(size=k)*.8)
    for j,L in enumerate(levels):
        c=r.integers(0,L,n); e=r.normal(size=(L,k))*1.2; logit+=e[c]; d[f'c{j}']=[f'v{i}' for i in c]
    y=np.array([r.choice(k,p=np.exp(l-l.max())/np.exp(l-l.max()).sum()) for l in logit*1.5])
    return pd.DataFrame(d),y
def holes(df,seed,rate=.1):
    r=np.random.default_rng(seed+99); df=df.copy().astype(object)
    m=r.random(df.shape)<rate; df=df.mask(m); return df
def binned(load,cols,seed):
    b=load(as_frame=True); df=b.data.copy(); df.columns=[c.replace(' ','_').replace('/','_') for c in df.columns]
    for c in df.columns[:cols]: df[c]=pd.qcut(df[c],12,duplicates='drop').cat.codes.map(lambda v:'abcdefghijklmnop'[(v*7)%13])
    return df,b.target.values
def titanic(seed,n=1500):
    r=np.random.default_rng(seed); sex=r.choice(['male','female'],n); cl=r.choice(['first','second','third'],n,p=[.25,.2,.55]); age=np.round(r.gamma(6,5,n)); deck=r.choice(list('ABCDEFG'),n); port=r.choice(list('SCQ'),n,p=[.7,.2,.1]); fare=np.round(r.lognormal(3,.7,n),2)
    l=-1+2.4*(sex=='female')+1.2*(cl=='first')-.02*age+.3*np.log(fare)-.5*(deck=='G'); y=(r.random(n)<1/(1+np.exp(-l))).astype(int)
    return pd.DataFrame(dict(sex=sex,level=cl,age=age,deck=deck,port=port,fare=fare)),y
S={'two classes, 30+8 levels':lambda s:synth(s,1500,[30,8],2),'five classes, 40+6':lambda s:synth(s,1500,[40,6],5),'three classes, 12+25':lambda s:synth(s,1500,[12,25],3),'Titanic-like':titanic,'wine, 4 binned':lambda s:binned(datasets.load_wine,4,s),'breast cancer, 6 binned':lambda s:binned(datasets.load_breast_cancer,6,s)}
out=[]
for name,f in S.items():
  for seed in range(3):
    X,y=f(seed); X=holes(X,seed); r=np.random.default_rng(seed); p=r.permutation(len(y)); cut=int(.7*len(y)); tr,te=p[:cut],p[cut:]
    num=[c for c in X if pd.to_numeric(X[c],errors='coerce').notna().sum()==X[c].notna().sum()]; cat=[c for c in X if c not in num]
    for c in num: X[c]=pd.to_numeric(X[c])
    base=f'{FOLDER}/{len(out)}'; os.makedirs(FOLDER, exist_ok=True)
    D=X.copy(); D['target']=[f't{v}' for v in y]; D.iloc[tr].to_csv(base+'.train.csv',index=False); D.iloc[te].to_csv(base+'.test.csv',index=False)
    c0=time.process_time()
    rf=make_pipeline(ColumnTransformer([('n',SimpleImputer(strategy='median'),num),('c',make_pipeline(SimpleImputer(strategy='most_frequent'),OneHotEncoder(handle_unknown='ignore')),cat)]),RandomForestClassifier(128,random_state=seed,oob_score=True,n_jobs=1)).fit(X.iloc[tr],y[tr]); c1=time.process_time()-c0
    P=rf.predict_proba(X.iloc[te]); a=(rf.predict(X.iloc[te])==y[te]).mean(); ll=log_loss(y[te],np.clip(P,1e-15,1),labels=rf.classes_)
    H=X.copy(); 
    for c in cat: H[c]=H[c].astype('category')
    os.environ['OMP_NUM_THREADS']='1'
    h=HistGradientBoostingClassifier(categorical_features='from_dtype',random_state=seed).fit(H.iloc[tr],y[tr]); b=(h.predict(H.iloc[te])==y[te]).mean(); hl=log_loss(y[te],h.predict_proba(H.iloc[te]))
    out.append(dict(name=name,seed=seed,rf=a,rf_ll=ll,rf_cpu=c1,hist=b,hist_ll=hl))
json.dump(out,open(f'{FOLDER}/scores.json','w'))
